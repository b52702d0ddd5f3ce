"""Types to begin with when you bring your own to ``diagramai fuzz``."""
