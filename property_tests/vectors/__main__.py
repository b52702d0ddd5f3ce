"""``python -m property_tests.vectors`` makes the files anew; ``--check`` only compares."""

import argparse
import gzip
import hashlib
import sys
from pathlib import Path

import msgspec

from property_tests.vectors.cases import FILES
from property_tests.vectors.making import make_lines
from property_tests.vectors.reader import VERSION, FileEntry, Manifest, read_manifest

SEED = f"diagramai vectors {VERSION}"
FOLDER = Path(__file__).parent / f"v{VERSION}"


def make_manifest() -> tuple[Manifest, dict[str, bytes]]:
    """What the manifest says of files made just now, and what is compressed in each."""
    contents = {name: b"".join(b"%s\n" % line for line in make_lines(name, SEED)) for name in FILES}
    entries = [
        FileEntry(name, content.count(b"\n"), len(content), hashlib.sha256(content).hexdigest())
        for name, content in contents.items()
    ]
    return Manifest(VERSION, SEED, entries), contents


def _write(manifest: Manifest, contents: dict[str, bytes]) -> None:
    """Compressed without a time or a name; what is there already and says the same stays."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in contents.items():
        path = FOLDER / f"{name}.jsonl.gz"
        if not path.exists() or gzip.decompress(path.read_bytes()) != content:
            path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (FOLDER / "manifest.json").write_bytes(text + b"\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m property_tests.vectors", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 on a difference"
    )
    options = parser.parse_args()
    manifest, contents = make_manifest()
    for entry in manifest.files:
        print(
            f"{entry.cases:>6,} cases {entry.bytes:>11,} bytes  {entry.sha256[:16]}  {entry.name}"
        )
    if options.check:
        return 0 if manifest == read_manifest() else 1
    _write(manifest, contents)
    return 0


if __name__ == "__main__":
    sys.exit(main())
