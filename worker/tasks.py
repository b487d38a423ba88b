"""The tasks: a name, a claim, a transaction, one call."""
