"""A linearizable key-value store on Raft."""
