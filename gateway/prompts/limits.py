"""Every bound of the prompts. Documented in docs/limits.md."""

#: Characters of one argument of a prompt.
MAX_ARGUMENT_LENGTH = 100_000
