"""The short exhaustive protocol worlds, and that exploring them would show a defect."""

from typing import Any

import pytest

from property_tests.planted import PLANTS
from property_tests.protocol_cells import Cells, clone
from property_tests.protocol_moves import Setting
from property_tests.protocol_settings import LONG, SHORT, make_setting
from property_tests.protocol_worlds import World, WorldBroken, explore_all


@pytest.mark.parametrize("setting", SHORT, ids=lambda setting: setting.name)
def test_every_interleaving_keeps_the_laws_and_ends_in_agreement(setting: Setting) -> None:
    report = World(setting).explore()
    assert report.states > 5_000
    assert report.transitions > 2 * report.states
    assert report.behaviours > 10**9
    assert report.rests > 30


def test_a_cell_is_never_changed_by_what_is_made_of_it() -> None:
    world = World(make_setting(("set",), ("write",), drops=1, failures=1))
    world.explore()
    check_unchanged(world.moves.cores)
    check_unchanged(world.moves.followers)


def check_unchanged(cells: Cells[Any]) -> None:
    assert len(cells.known) > 20
    for number, cell in enumerate(cells.known):
        assert cells.number_of(cell) == number
        assert cells.number_of(clone(cell)) == number


def test_settings_are_explored_in_several_processes_as_in_one() -> None:
    few = [setting for setting in LONG if setting.name.startswith("delete | ")][:2]
    reports = [list(explore_all(few, jobs)) for jobs in (1, 2)]
    one, two = ([(r.setting, r.states, r.behaviours) for r in each] for each in reports)
    assert one == two


def test_no_setting_stands_in_the_table_twice() -> None:
    names = [setting.name for setting in LONG]
    assert len(names) == len(set(names))


#: Edits that meet in such a way that the plant shows.
PLANTED = {
    "resends are applied again": (("set",), ("delete",)),
    "broadcast before the commit": (("set",), ("delete",)),
    "rollback keeps the submissions": (("set",), ("delete",)),
    "snapshot of what is not durable": (("set",), ("delete",)),
    "only the first sender is answered": (("set",), ("delete",)),
    "only the last arrival is answered": (("set",), ("delete",)),
    "what failed is refused to nobody": (("set",), ("delete",)),
    "resend under a new number": (("set",), ("delete",)),
    "last sequence counts what is not durable": (("set", "type"), ("delete",)),
    "base revision off by one": (("set",), ("delete",)),
    "a parent cycle stays": (("nest",), ("set",)),
    "a repair goes by itself": (("nest",), ("set",)),
    "conflicts are told to all": (("set",), ("set",), ("type",)),
    "sent before it was acknowledged": (("set", "type"), ("write",)),
    "the client lets the other one win": (("set",), ("write",)),
    "closure skipped": (("connect",), ("delete",)),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_defect_is_met_and_its_story_told(name: str) -> None:
    edits = PLANTED[name]
    faults = 1 if len(edits) == 2 else 0
    with PLANTS[name].planted(), pytest.raises(WorldBroken) as broken:
        World(make_setting(*edits, drops=faults, failures=faults)).explore()
    assert broken.value.law in PLANTS[name].laws
    assert 1 <= len(broken.value.happened) <= 25
    assert broken.value.happened[-1] in str(broken.value)
