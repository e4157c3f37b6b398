"""Python for the reader's browser: the folder live/ of the site, from packages of npm and PyPI and the book's code."""
