"""Files from strangers: what they are, and the same without what tells on people. Bytes in, bytes out; no database.

`clean()` reads them in a process of its own, with a limit on time and memory and none of our secrets (`child.py`).
"""

from tracker.files.cleaning import CleanFile, clean
from tracker.files.kinds import ACCEPTED, FileKind
from tracker.files.names import clean_name, disposition
from tracker.files.refusal import Refused

__all__ = ["ACCEPTED", "CleanFile", "FileKind", "Refused", "clean", "clean_name", "disposition"]
