"""Campaigns: what is asked of whom, how far it has come, and what is due."""
