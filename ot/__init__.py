"""The operation type of DiagramAI diagrams: pure functions over plain values.

No input or output, clock, randomness or logging lives below this package, so that every replica
(server, editor, Python client, fuzzer) that follows these rules reaches the same diagram.
The laws are written down in ``docs/algebra.md``.
"""
