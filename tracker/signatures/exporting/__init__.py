"""A campaign's signatories as a file: chosen columns, as each chose to appear or whole, streamed (docs/adr/028)."""

from tracker.signatures.exporting.columns import Column, Extent, Format, Wanted
from tracker.signatures.exporting.files import in_format
from tracker.signatures.exporting.rows import number_of_rows, rows

__all__ = ["Column", "Extent", "Format", "Wanted", "in_format", "number_of_rows", "rows"]
