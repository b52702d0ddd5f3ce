"""``python -m building``: builds the editor; ``python -m building install``: its packages only."""

import sys

from building.editor import Editor
from building.node import BuildError


def main() -> None:
    editor = Editor()
    try:
        if sys.argv[1:] == ["install"]:
            editor.install()
        else:
            editor.build()
    except BuildError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
