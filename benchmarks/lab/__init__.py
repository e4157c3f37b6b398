"""Benchmarks of labs: how soon an action has its answer, in a kernel and in a page."""
