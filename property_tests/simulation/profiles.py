"""How large the runs are and how often what goes wrong in them."""

import msgspec

from ot.policy import Policy

POLICIES: tuple[Policy, ...] = ("later_wins", "humans_first", "agents_first")


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Weights are relative to each other, ``0`` is never; chances are out of 1,000.

    Ranges are inclusive; the run decides within them.
    """

    name: str
    #: Live editors, people and agents, with the client's state machine.
    editors: tuple[int, int] = (2, 4)
    #: Agents that call now and then, without a subscription.
    tools: tuple[int, int] = (0, 2)
    steps: tuple[int, int] = (80, 200)
    policies: tuple[Policy, ...] = POLICIES
    #: Operations that the server keeps in memory; older bases are read from the journal.
    history_lengths: tuple[int, ...] = (1_000, 8, 2)
    #: Clients whose last submission the server remembers.
    remembered_clients: tuple[int, ...] = (1_024, 1)
    snapshot_intervals: tuple[int, ...] = (500, 7, 3)
    #: Whether everything that crosses a link does so as JSON.
    through_json: bool = False

    edit_weight: int = 15
    undo_weight: int = 2
    tool_weight: int = 8
    carry_weight: int = 60
    receive_weight: int = 80
    turn_weight: int = 80
    commit_weight: int = 60
    drop_weight: int = 1
    connect_weight: int = 16
    reload_weight: int = 1
    actor_crash_weight: int = 1
    process_crash_weight: int = 1
    passivate_weight: int = 8
    everybody_leaves_weight: int = 1
    close_weight: int = 1
    late_commit_weight: int = 4

    duplicate_chance: int = 60
    commit_fails_chance: int = 100
    commit_in_doubt_chance: int = 100
    late_commit_chance: int = 100
    commit_refused_chance: int = 30
    read_fails_chance: int = 10


_NO_FAULTS = {
    "drop_weight": 0,
    "reload_weight": 0,
    "actor_crash_weight": 0,
    "process_crash_weight": 0,
    "everybody_leaves_weight": 0,
    "close_weight": 0,
    "duplicate_chance": 0,
    "commit_fails_chance": 0,
    "commit_in_doubt_chance": 0,
    "late_commit_chance": 0,
    "commit_refused_chance": 0,
    "read_fails_chance": 0,
}

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(name="smoke", editors=(2, 3), tools=(0, 1), steps=(50, 100)),
        Profile(name="default"),
        Profile(name="calm", **_NO_FAULTS),  # type: ignore[arg-type]
        Profile(name="long", editors=(3, 6), tools=(1, 2), steps=(400, 800), through_json=True),
        Profile(
            name="hostile",
            editors=(2, 5),
            tools=(1, 2),
            history_lengths=(2, 1),
            remembered_clients=(1,),
            snapshot_intervals=(3, 1),
            through_json=True,
            drop_weight=3,
            reload_weight=3,
            actor_crash_weight=5,
            process_crash_weight=3,
            passivate_weight=30,
            everybody_leaves_weight=3,
            close_weight=2,
            late_commit_weight=20,
            duplicate_chance=200,
            commit_fails_chance=250,
            commit_in_doubt_chance=250,
            late_commit_chance=400,
            commit_refused_chance=100,
            read_fails_chance=60,
        ),
    )
}
