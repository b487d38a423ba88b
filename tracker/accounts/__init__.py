"""Accounts: who may enter, what they may do, and a record of who read what."""
