"""Killed at each numbered step of the run, from planning to settling: nothing is lost, nothing comes unmarked twice."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter

import pytest
from flask import Flask

from tests.faults.sink import FaultSink
from tests.faults.world import BEGAN, DAY, Verdict, Zygote, invite, recover, tell

pytestmark = [pytest.mark.each_database, pytest.mark.timeout(1200)]
READERS = ["fine-1@example.org", "fine-2@example.org"]
# Repair, follow, plan, compose, close, claim, and what the lanes ask and say: each a commit.
COMMITS = 7
SMTP = ("EHLO", "MAIL", "RCPT", "DATA", "body and dot", "QUIT")


def test_killed_at_each_step(app: Flask, zygote: Zygote, sink: FaultSink) -> None:
    """One more day, and one more kill, for each step; after each the next run puts everything right."""
    campaign = invite(app, READERS)

    def day(number: int) -> dt.datetime:
        moment = BEGAN + number * DAY
        tell(app, campaign, f"News of day {number}", moment)
        return moment + dt.timedelta(hours=2)

    killed: list[str] = []
    number = 0
    for name in ("commit", *(f"{when} {what}" for what in SMTP for when in ("before", "after"))):
        for time in itertools.count(1):
            number += 1
            now = day(number)
            ended = zygote.ask("both", now=now.isoformat(), kill_at=[name, time])
            recover(app, zygote, now)
            verdict = Verdict(app, sink, periods=number + 1, readers=len(READERS))
            assert verdict.problems == [], f"killed the {time}. time at {name}"
            if ended["status"] == 0:
                break
            killed.append(name)
            if name != "commit":
                break
    counted = Counter(killed)
    assert counted["commit"] >= COMMITS, counted
    assert {f"{when} {what}" for what in SMTP[:-1] for when in ("before", "after")} <= set(counted)
    print(f"{len(killed)} kills: {dict(counted)}; {verdict.rows} mails, {verdict.marked} marked second copies")
