"""The timeline: what happened, who says so, and what was changed. Append-only once anybody else could see it."""
