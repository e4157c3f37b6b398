"""Every page of the site, opened as a file: the book is read without a server and without a network too."""

from tests.book.sweeps import AsFiles


class TestPagesAsFiles(AsFiles):
    pass
