"""Fixtures of the gateway's tests."""

from tests.support.api import api

__all__ = ["api"]
