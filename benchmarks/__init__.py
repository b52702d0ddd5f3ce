"""How fast, how big: measured beside our peers, and reported in docs/performance.md."""
