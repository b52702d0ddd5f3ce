"""Our side of the yardstick that compares collaboration servers."""
