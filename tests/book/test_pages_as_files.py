"""The pages of the site, opened as files: the book is read without a server and without a network too."""

from tests.book.sweeps import AsFiles


class TestPagesAsFiles(AsFiles):
    pass
