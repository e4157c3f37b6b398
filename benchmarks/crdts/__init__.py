"""Benchmarks of the chapter on CRDTs."""
