"""Undersigned: a tracker for shareholder and employee campaigns."""

__version__ = "0.1.0"
