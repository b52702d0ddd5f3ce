"""Reading the files, wherever the package is installed."""

import gzip
from collections.abc import Iterator
from importlib.resources import files
from typing import TypeVar

import msgspec

from property_tests.vectors.cases import FILES, Case

#: The version of the format and of the cases; a folder of its own.
VERSION = 1

C = TypeVar("C", bound=Case)


class FileEntry(msgspec.Struct, frozen=True):
    """One file: how many lines, and the length and SHA-256 of what is compressed in it."""

    name: str
    cases: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    version: int
    seed: str
    files: list[FileEntry]


def read(kind: type[C]) -> Iterator[C]:
    """Every case of one kind, in order."""
    (name,) = (name for name, each in FILES.items() if each is kind)
    decoder = msgspec.json.Decoder(kind)
    return (decoder.decode(line) for line in read_lines(name))


def read_lines(name: str) -> list[bytes]:
    """The lines of one file, as they are stored."""
    path = files(__package__) / f"v{VERSION}" / f"{name}.jsonl.gz"
    return gzip.decompress(path.read_bytes()).splitlines()


def read_manifest() -> Manifest:
    path = files(__package__) / f"v{VERSION}" / "manifest.json"
    return msgspec.json.decode(path.read_bytes(), type=Manifest)
