"""What an attached file may be. Read also where strangers' files are, which knows nothing else of us."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileLimits:
    """What an attached file may be; people read them in docs/operations.md."""

    file_bytes: int = 10_000_000
    # All files of one form together, with its words; a request is held in memory.
    request_bytes: int = 32_000_000
    an_entry: int = 20
    campaign_bytes: int = 500_000_000  # of those that whoever adds one may read
    pixels: int = 40_000_000  # all pictures of a moving one together
    unpacked_bytes: int = 100_000_000
    members: int = 5_000
    # The process that reads one file may use so much of a processor, and so much memory.
    seconds: int = 20
    memory_bytes: int = 800_000_000
