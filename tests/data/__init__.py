"""Lists as people keep them, made anew by a generator; everybody is invented."""
