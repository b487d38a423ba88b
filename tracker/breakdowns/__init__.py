"""Numbers in public by team, city and role, from which nobody works out a small group (safety.md, 6; docs/adr)."""
