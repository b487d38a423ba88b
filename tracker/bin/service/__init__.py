"""What happens to what was removed: it is put back, or destroyed."""

from tracker.bin.service.campaigns import destroy_part_of_campaign
from tracker.bin.service.parts import destroy_entry, destroy_some_parts
from tracker.bin.service.putting_back import put_back

__all__ = ["destroy_entry", "destroy_part_of_campaign", "destroy_some_parts", "put_back"]
