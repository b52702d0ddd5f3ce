"""The mutation proof: deliberate bugs, each of which the laws, worlds and simulator must find.

``python -m property_tests.mutants`` puts them into copies of the source, one at a time, hunts each
with ``stack.CHECKS`` and prints what caught it. A bug that survives is a law that is missing.
"""
