"""Measurements of the book's code beside the libraries that one would otherwise take.

    python -m benchmarks            all of them, one after the other
    python -m benchmarks kernel     one
    python -m benchmarks --list     what there is
"""
