"""Building the editor, for the Makefile, the wheel and the tests."""
