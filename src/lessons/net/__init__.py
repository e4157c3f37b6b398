"""The real network: nodes as processes that talk over TCP, with durable disks and a record of the run."""
