"""New ids: short, readable, and free in the diagram they are for."""

import secrets
from collections.abc import Callable
from typing import TypeAlias

#: Makes an id such as ``node-k3v9x2ab`` from ``node``, for which the predicate is false.
IdMaker: TypeAlias = Callable[[str, Callable[[str], bool]], str]

#: Without the characters that are mistaken for others.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 8


def new_id(prefix: str, is_taken: Callable[[str], bool]) -> str:
    while True:
        identifier = f"{prefix}-{''.join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}"
        if not is_taken(identifier):
            return identifier
