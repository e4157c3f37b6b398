"""The pages of source code, opened over http."""

from tests.book.sweeps import SOURCE, OverHttp


class TestSourcePages(OverHttp):
    @staticmethod
    def chosen(name: str) -> bool:
        return name.startswith(SOURCE)
