"""Engagements (meetings, calls, letters) and statements: what was said, by whom, and who says so."""
