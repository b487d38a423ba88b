"""Whether a mailbox is perhaps one that the company asked can read."""

from __future__ import annotations

from tracker.campaigns.models import Campaign
from tracker.search_text import normalise


def is_at_target(address: str, campaign: Campaign) -> bool:
    """Whether a mailbox seems to be at a company that the campaign asks or is about, who could read the subject line.

    Told by names: `x@legal.amazon.co.uk` where Amazon.com, Inc. is asked. A false yes only makes a subject dull.
    """
    labels = set(normalise(address.rpartition("@")[2]).replace("-", "").split("."))
    for subject in campaign.subjects:
        names = [subject.company.name, *(one.name for one in subject.company.names)] if subject.company else []
        for name in names:
            words = normalise(name).replace(".com", " ").replace(",", " ").split()
            beginnings = {"".join(words[:length]) for length in range(1, len(words) + 1)}
            if any(len(beginning) > 3 and beginning in labels for beginning in beginnings):
                return True
    return False
