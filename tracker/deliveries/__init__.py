"""A letter is delivered: its text and count are frozen, its packet printed, and those who signed hear of it."""
