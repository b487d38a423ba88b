"""Shareholder resolutions (the SEC says "shareholder proposals"): filing, filers, disposition, votes."""
