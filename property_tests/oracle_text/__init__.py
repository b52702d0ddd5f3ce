"""``ot.text`` against ``ot-text-unicode``, the public type it follows, run by Node."""
