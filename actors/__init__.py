"""One trio task per open diagram, around a core that decides without input or output."""
