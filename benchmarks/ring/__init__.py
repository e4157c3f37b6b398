"""Benchmarks of the placements of keys: the ring beside its peers, and all placements beside each other."""
