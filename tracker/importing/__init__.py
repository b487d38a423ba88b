"""Lists from files: stored sealed, looked at, checked as a whole, brought in by a worker, and taken back as a whole."""
