"""Distributed systems from scratch: the code of the book."""
