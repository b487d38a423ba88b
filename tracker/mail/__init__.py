"""Mail: what must be sent is a row first; a worker claims it, sends it and says what became of it."""
