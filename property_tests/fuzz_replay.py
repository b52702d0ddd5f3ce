"""What a replay file holds, and which type a word names. WrongUse is raised for the rest."""

import importlib
import os
import sys
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Literal

import msgspec

from property_tests.meetings import EXPECTED
from property_tests.simulation import PROFILES, DiagramType, Profile, Type

#: The version of the format of replay files.
REPLAY_VERSION: Literal[1] = 1
#: Bytes; the decisions of the longest run take a hundredth of it.
MAX_REPLAY_BYTES = 16 * 1024**2
#: The type that is fuzzed unless another one is brought.
OWN_TYPE = "diagram"

_NEEDED = (
    "start", "edit", "apply", "transform", "compose", "equal", "encode", "kinds_of"
)  # fmt: skip


class WrongUse(Exception):
    """The command cannot do what it was asked to; the message says what to change."""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A run that broke a law: everything that is needed to have it again."""

    format: Literal["diagramai-fuzz-replay"] = "diagramai-fuzz-replay"
    version: Literal[1] = REPLAY_VERSION
    #: Of DiagramAI, when the law broke.
    project_version: str
    #: As ``--type`` takes it.
    type: str
    profile: Profile
    #: Of the campaign, and the number of the run in it; both say only where the decisions are from.
    seed: int
    run: int
    law: str
    message: str
    decisions: list[int]


def project_version() -> str:
    try:
        return version("diagramai")
    except PackageNotFoundError:
        return "unknown"


def write_replay(replay: Replay, folder: Path) -> Path:
    """Puts the file into ``folder``, which is made if need be."""
    path = folder / f"fuzz-{replay.seed}-{replay.run}.json"
    text = msgspec.json.format(msgspec.json.encode(replay), indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text + b"\n")
    except OSError as error:
        raise WrongUse(f"The replay file cannot be written: {error}.") from error
    return path


def read_replay(path: Path) -> Replay:
    try:
        if path.stat().st_size > MAX_REPLAY_BYTES:
            raise WrongUse(f"{path} is too large for a replay file.")
        replay = msgspec.json.decode(path.read_bytes(), type=Replay)
    except OSError as error:
        raise WrongUse(f"The replay file cannot be read: {error}.") from error
    except msgspec.DecodeError as error:
        raise WrongUse(f"{path} is no replay file of version {REPLAY_VERSION}: {error}.") from error
    if min(replay.decisions, default=0) < 0:
        raise WrongUse(f"{path} holds a decision below 0.")
    return replay


def profile_named(name: str) -> Profile:
    if name not in PROFILES:
        raise WrongUse(f"There is no profile {name!r}; there are {', '.join(PROFILES)}.")
    return PROFILES[name]


def load_type(word: str) -> Type:
    """``diagram``, or what ``MODULE:OBJECT`` names: a type, or a class that makes one.

    Modules of the current folder are found too.
    """
    if word == OWN_TYPE:
        return DiagramType()
    module_name, colon, object_name = word.partition(":")
    if not (module_name and colon and object_name):
        raise WrongUse(f"A type is named MODULE:OBJECT, not {word!r}.")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found: object = importlib.import_module(module_name)
        for name in object_name.split("."):
            found = getattr(found, name)
        kind = found() if isinstance(found, type) else found
    except Exception as error:
        raise WrongUse(f"{word} cannot be loaded: {type(error).__name__}: {error}.") from error
    return _checked(word, kind)


def _checked(word: str, kind: object) -> Type:
    missing = [name for name in _NEEDED if not callable(getattr(kind, name, None))]
    if not isinstance(getattr(kind, "name", None), str):
        missing.insert(0, "name")
    if missing or not isinstance(kind, Type):
        raise WrongUse(f"{word} is no type: it lacks {', '.join(missing)}.")
    return kind


def known_pairs(kind: Type, met: Counter[str]) -> set[str]:
    """Every pair of kinds that may meet: for a brought type, of the kinds that were seen."""
    if isinstance(kind, DiagramType):
        return set(EXPECTED)
    kinds = sorted({each for pair in met for each in pair.split("/")})
    return {f"{x}/{y}" for x, y in combinations_with_replacement(kinds, 2)} | set(met)
