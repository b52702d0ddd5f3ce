"""Fixtures of the editor's tests."""

from tests.support.vitest import built_editor, chromium

__all__ = ["built_editor", "chromium"]
