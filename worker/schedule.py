"""When the workers look, and nothing else: what they find to do is in the database."""

from __future__ import annotations

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {}
