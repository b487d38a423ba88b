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
# Each piece that is sent, and when: the three commands one by one, or in one piece named by the first of them.
ONE_BY_ONE = ("EHLO", "MAIL", "RCPT", "DATA", "body and dot")
IN_ONE_PIECE = ("EHLO", "MAIL", "body and dot")
# The greeting, and the answers to EHLO, MAIL, RCPT, DATA and the dot, of one mail; of the next, all but the first two.
ANSWERS = 6 + 4


@pytest.mark.parametrize("pipelining", [False, True], ids=["one by one", "in one piece"])
def test_killed_at_each_step(app: Flask, zygote: Zygote, sink: FaultSink, pipelining: bool) -> None:
    """One more day, and one more kill, for each step; after each the next run puts everything right."""
    sink.pipelining = (pipelining,)
    campaign = invite(app, READERS)
    sent = IN_ONE_PIECE if pipelining else ONE_BY_ONE
    pieces = [f"{when} {what}" for what in (*sent, "QUIT") for when in ("before", "after")]

    def day(number: int) -> dt.datetime:
        moment = BEGAN + number * DAY
        tell(app, campaign, moment, f"News of day {number}")
        return moment + dt.timedelta(hours=2)

    killed: list[str] = []
    number = 0
    zygote.ask("both", now=day(0).isoformat(), here=True)
    # Which commits are made does not depend on how the server likes to be spoken to.
    for name in ("answer", *pieces, *([] if pipelining else ["commit"])):
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
            if name not in ("answer", "commit"):
                break
    counted = Counter(killed)
    assert pipelining or counted["commit"] >= COMMITS, counted
    assert counted["answer"] >= ANSWERS, counted
    assert {f"{when} {what}" for what in sent for when in ("before", "after")} <= set(counted)
    assert (sink.pieces > 0) is pipelining
    print(f"{len(killed)} kills: {dict(counted)}; {verdict.rows} mails, {verdict.marked} marked second copies")
