"""Outcomes: what became of each demand, with evidence and attribution; commitments and how far they went."""
