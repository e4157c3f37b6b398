"""Replicated data types: states that merge in any order and agree."""
