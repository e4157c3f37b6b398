"""Fixtures for all tests: a browser and a page in it."""

from tests.browser import browser, page  # noqa: F401
