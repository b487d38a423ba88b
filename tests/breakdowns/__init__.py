"""Public numbers by team, city and role, and somebody who tries to subtract."""
