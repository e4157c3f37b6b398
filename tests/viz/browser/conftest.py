"""The browser fixtures, for the tests of the player."""

from tests.browser import browser, page

__all__ = ["browser", "page"]
