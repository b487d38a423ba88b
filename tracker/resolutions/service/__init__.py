"""File a resolution, join it, say what became of it, record its votes."""

from tracker.resolutions.service.dispositions import record_disposition
from tracker.resolutions.service.errors import ResolutionError
from tracker.resolutions.service.filers import join_resolution, lead_filer, leave_resolution
from tracker.resolutions.service.filing import Filing, file_resolution
from tracker.resolutions.service.votes import Counted, Published, percentage_words, record_vote

__all__ = [
    "Counted",
    "Filing",
    "Published",
    "ResolutionError",
    "file_resolution",
    "join_resolution",
    "lead_filer",
    "leave_resolution",
    "percentage_words",
    "record_disposition",
    "record_vote",
]
