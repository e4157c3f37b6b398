"""Part 4, agreement: consensus, and what is built on it."""
