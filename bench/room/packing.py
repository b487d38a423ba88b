"""All parts of a packet as PDF, one after the other in one process: `python -m bench.room.packing SLUG MOST`.

Prints the seconds that each part took, the bytes of all, and the peak memory in MB of it and of those that set, as
JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import sqlalchemy as sa

from bench.room.exporting import peak
from bench.room.world import NOW
from tracker.app import create_app
from tracker.campaigns import queries as campaigns
from tracker.campaigns.models import Campaign
from tracker.config import from_process
from tracker.db import db
from tracker.deliveries import packet


def main(slug: str, most: int) -> None:
    """Print them, each as whoever asks for it: from the database, and thrown away."""
    packet.MOST = most
    app = create_app(from_process())
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign).where(Campaign.slug == slug)).one()
        text = campaigns.latest_text(campaign)
        assert text is not None
        seconds, size, names, number = [], 0, 0, packet.parts_of(campaign)
        before = peak()
        for part in range(1, number + 1):
            began = time.perf_counter()
            made = packet.packet_of(campaign, text, part=part, today=NOW.date(), now=NOW)
            names += made.number_shown
            said = packet.Sentences(f"{made.number:,} signed.", "", ("", ""), [], f"Part {part} of {number}")
            size += len(packet.as_pdf(made, said))
            seconds.append(time.perf_counter() - began)
            db.session.remove()
            campaign, text = db.session.merge(campaign), db.session.merge(text)
    setting = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # the largest of the processes that set
    told = {"seconds": seconds, "size": size, "names": names, "before": before, "peak": peak(), "setting": setting}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
