"""Full-text search: words of our own making in ordinary tables, so that both databases find the same (ADR 020).

Features say in their `searching.py` what of them is found (`keeping.register`); what a reader may see of it is decided
above, in `tracker.finding`.
"""
