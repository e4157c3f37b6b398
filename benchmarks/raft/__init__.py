"""Raft of the book beside others' on the same commands."""
