"""Cases with their answers, by which an implementation in any language can prove itself.

``README.md`` says what each file holds and what must come out. ``python -m property_tests.vectors``
makes the files anew, byte for byte.
"""

from property_tests.vectors.cases import (
    ApplyCase,
    CheckCase,
    ClientCase,
    ComposeCase,
    DiffCase,
    InvertCase,
    MisuseCase,
    RefuseCase,
    TextApplyCase,
    TextComposeCase,
    TextRefuseCase,
    TextTransformCase,
    TransformCase,
)
from property_tests.vectors.reader import read, read_manifest

__all__ = [
    "ApplyCase",
    "CheckCase",
    "ClientCase",
    "ComposeCase",
    "DiffCase",
    "InvertCase",
    "MisuseCase",
    "RefuseCase",
    "TextApplyCase",
    "TextComposeCase",
    "TextRefuseCase",
    "TextTransformCase",
    "TransformCase",
    "read",
    "read_manifest",
]
