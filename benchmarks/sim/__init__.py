"""Benchmarks of the simulator: speed, memory, growth, and the size of what the player reads."""
