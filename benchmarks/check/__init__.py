"""Benchmarks of the checks."""
