"""Digests: a ledger of who follows what, which periods fell due, and what was told to whom."""
