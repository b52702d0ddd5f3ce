"""What the editor's tests share."""

from tests.support.vitest import built_editor

__all__ = ["built_editor"]
