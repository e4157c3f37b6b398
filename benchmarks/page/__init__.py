"""Benchmarks of Python in the reader's browser."""
