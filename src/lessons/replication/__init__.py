"""Part 2, replication: the same data in several places, and what "the same" means."""
