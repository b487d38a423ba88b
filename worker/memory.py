"""How a worker's process treats its memory."""

from __future__ import annotations

import gc

# A batch makes some hundred thousand objects and lets go of them without cycles. Looking through all of them after each
# 700, as Python does unasked, took more than half of the time of composing.
NEW, ROUNDS = 20_000, 20


def keep_what_is_loaded() -> None:
    """What is loaded by now stays for the life of this process and is never looked through again: it is shared with
    children for as long as nobody writes to it. What comes later is looked through less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW, ROUNDS, ROUNDS)
