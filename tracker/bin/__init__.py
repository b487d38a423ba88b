"""The bin: what was removed lies there for a while, can be put back, and is then destroyed (ADR 017)."""
