"""Part 1, foundations: the simulated world, clocks, failure detection, peers, Merkle trees."""
