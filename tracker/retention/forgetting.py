"""The nightly work of forgetting, five hundred rows a transaction. What is left to do is seen from the rows themselves:
killed anywhere, the next run goes on, and running twice changes nothing.

The order matters. What waits or finds goes first; then the rows; then files are sealed with their own key; only then is
the people's key destroyed, and last it is said that all is done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from tracker import sealing
from tracker.campaigns.models import Campaign
from tracker.db import db, forget_deleted, transaction
from tracker.retention import queries, service
from tracker.timeline.queries import day_in

BITE = 500


@dataclass(frozen=True)
class Done:
    """What a run did."""

    campaigns: int = 0  # whose people were forgotten
    people: int = 0
    look_ups: int = 0  # campaigns whose hash key was destroyed


def forget_due(now: dt.datetime, *, stopping: Callable[[], bool] = lambda: False) -> Done:
    """Do what is due for every campaign; opens its own transactions."""
    campaigns = people = look_ups = 0
    ids = [campaign.id for campaign in queries.ending_campaigns()]
    for number in ids:
        campaign = db.session.get_one(Campaign, number)
        today = day_in(campaign.zone, now)
        if queries.is_to_note(campaign, today):
            with transaction():
                service.note_ending(db.session.get_one(Campaign, number), now=now)
            campaign = db.session.get_one(Campaign, number)
        ending = queries.days_of(campaign, today)
        if ending.is_due(today):
            gone = forget_people(number, now=now, stopping=stopping)
            people += gone
            campaigns += db.session.get_one(Campaign, number).people_forgotten_at is not None
        elif ending.is_look_up_due(today):
            end_look_up(number, now=now, stopping=stopping)
            look_ups += 1
        if stopping():
            break
    db.session.rollback()
    return Done(campaigns, people, look_ups)


def end_look_up(number: int, *, now: dt.datetime, stopping: Callable[[], bool] = lambda: False) -> None:
    """Destroy the key by which signers of one campaign are known again, and the hashes it made."""
    while True:
        with transaction():
            campaign = db.session.get_one(Campaign, number)
            done = service.forget_hashes(campaign, most=BITE)
            if not done:
                service.end_look_up(campaign, now=now)
            public_id = campaign.public_id
        if not done:
            break
        if stopping():
            return
    sealing.destroy_hash_key(public_id, now=now)
    forget_deleted()


def forget_people(number: int, *, now: dt.datetime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Forget the people of one campaign; how many rows were changed now."""
    total = 0
    with transaction():
        campaign = db.session.get_one(Campaign, number)
        service.end_look_up(campaign, now=now)
        public_id = campaign.public_id
    while True:
        with transaction():
            done = service.forget_some(db.session.get_one(Campaign, number), most=BITE, now=now)
        total += done
        if not done:
            break
        if stopping():
            return total
    while True:
        with transaction():
            more = service.seal_a_file_anew(db.session.get_one(Campaign, number), now=now)
        if not more:
            break
    sealing.destroy_people_keys(public_id, now=now)
    with transaction():
        service.note_forgotten(db.session.get_one(Campaign, number), now=now)
    forget_deleted()
    return total


def forget_again(now: dt.datetime) -> int:
    """After a restore: forget the people of campaigns whose key is known to be destroyed; how many campaigns."""
    numbers = [campaign.id for campaign in queries.campaigns_known_to(sealing.forgotten_campaigns())]
    for number in numbers:
        forget_people(number, now=now)
    return len(numbers)
