"""Part 3, partitioning: who keeps which key, how shards move, and sketches of what is too large to keep."""
