"""The book's Raft as processes beside others', with everything synced to a disk."""
