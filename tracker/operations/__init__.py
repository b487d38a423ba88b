"""What an operator does to an instance. A module with a `command` is a word after `tracker`; see tracker/cli.py."""
