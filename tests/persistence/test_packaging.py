"""The SQL files are found wherever the package is installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import persistence

ROOT = Path(persistence.__file__).parent.parent

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import persistence.queries, persistence.migrate
assert persistence.queries.__file__.startswith(sys.argv[1]), persistence.queries.__file__
print(len(persistence.queries.QUERIES), len(persistence.migrate.load_migrations()))
"""


def test_queries_and_migrations_are_read_from_inside_an_archive(tmp_path: Path) -> None:
    archive = tmp_path / "installed.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for package in ("persistence", "actors", "ot"):
            for path in (ROOT / package).rglob("*"):
                if path.suffix in {".py", ".sql"}:
                    target.write(path, path.relative_to(ROOT))
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(archive)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    queries, migrations = map(int, result.stdout.split())
    assert queries > 20
    assert migrations >= 1
