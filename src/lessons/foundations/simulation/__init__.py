"""The chapter simulation: one seed, one run; and a pool of jobs in two worlds."""
