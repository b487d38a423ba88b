"""The packet: the letter with its signatories as each chose to appear, for paper. As a page, and as PDF by Typst.

What people typed reaches Typst as data, never as markup, so that no letter can be read as a program. The PDF names no
author: no organiser's name is in it unless the letter has it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tracker.campaigns.models import Campaign, CampaignText
from tracker.deliveries.typesetting import pdf_of
from tracker.signatures.appearing import Shown
from tracker.signatures.exporting import Extent, Wanted
from tracker.signatures.exporting.rows import number_of_rows
from tracker.signatures.public_list import public_signatories
from tracker.signatures.queries import counts
from tracker.signatures.versions import Versions, texts_as_now, versions_of

MOST = 20_000  # names in one part of a packet; what Typst takes to set it grows with the names
_PARSER = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class Packet:
    """What is printed."""

    campaign: Campaign
    text: CampaignText
    number: int
    shown: Sequence[Shown]  # who signed this text
    earlier: Sequence[Shown]  # who signed an earlier one, before it was changed in substance
    versions: Versions | None  # how many of either, where it was changed so
    counted_only: int
    bodies: int  # organisations of a campaign that shows no names
    gone: int  # nothing of whose name is kept
    printed_on: dt.date
    part: int  # from 1; the letter stands in the first, those who are only counted in the last
    parts: int

    @property
    def names(self) -> tuple[int, int]:
        """The first and the last name of this part, counted through all of them."""
        before = (self.part - 1) * MOST
        return before + 1, before + self.number_shown

    @property
    def number_shown(self) -> int:
        """How many names are in this part."""
        return len(self.shown) + len(self.earlier)

    @property
    def is_last(self) -> bool:
        """Whether no part follows."""
        return self.part == self.parts


def parts_of(campaign: Campaign) -> int:
    """In how many parts the packet comes; at least one."""
    return _parts(_number_shown(campaign))


def packet_of(campaign: Campaign, text: CampaignText, *, part: int = 1, today: dt.date, now: dt.datetime) -> Packet:
    """A part of the packet as of now: who withdrew is not in it. An earlier part may have lost one meanwhile."""
    signed, as_now = counts(campaign), texts_as_now(campaign)
    found = public_signatories([campaign], as_now, now=now, limit=MOST, offset=(part - 1) * MOST, total=signed.here)
    return Packet(
        campaign,
        text,
        signed.here,
        found.shown,
        found.earlier,
        versions_of(campaign, signed, as_now),
        found.counted_only,
        found.bodies,
        found.gone,
        today,
        part,
        parts_of(campaign),
    )


def _parts(number_shown: int) -> int:
    return max(1, -(-number_shown // MOST))


def _number_shown(campaign: Campaign) -> int:
    return number_of_rows(campaign, Wanted(Extent.AS_SHOWN, ()))


def line_of(one: Shown) -> str:
    """A signatory on one line."""
    return ", ".join(part for part in (one.name, one.office, one.affiliation) if part)


@dataclass(frozen=True)
class Sentences:
    """What a packet says in the reader's language."""

    counted: str  # how many signed
    versions: str  # how many of them this text, and how many an earlier one
    groups: tuple[str, str]  # the headings over those who signed this text, and over the others
    rest: Sequence[str]  # who is told as a number only
    part: str  # which part it is, if there are several


def groups_of(packet: Packet, said: Sentences) -> list[tuple[str, Sequence[Shown]]]:
    """The names under their headings; where all signed this text, under none."""
    if not packet.earlier:
        return [("", packet.shown)] if packet.shown else []
    return [group for group in zip(said.groups, (packet.shown, packet.earlier), strict=True) if group[1]]


def as_pdf(packet: Packet, said: Sentences) -> bytes:
    """The packet as PDF."""
    data = {
        "title": packet.campaign.title,
        "language": packet.campaign.locale.partition("_")[0].partition("-")[0] or "en",
        "blocks": blocks(packet.text.body) if packet.part == 1 else [],
        "part": said.part,
        "counted": said.counted,
        "versions": said.versions,
        "rest": said.rest,
        "groups": [
            {"title": title, "names": [line_of(one) for one in some]} for title, some in groups_of(packet, said)
        ],
    }
    return pdf_of(json.dumps(data))


def blocks(markdown: str) -> list[dict[str, object]]:
    """A letter's Markdown as plain blocks: paragraphs, headings and items of lists, each of runs with their weight."""
    found: list[dict[str, object]] = []
    lists: list[list[str | int]] = []
    kind, heading = "paragraph", 0
    for token in _PARSER.parse(markdown):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            start = int(token.attrGet("start") or 1)
            lists.append(["bullet", 0] if token.type == "bullet_list_open" else ["number", start - 1])
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            lists[-1][1] = int(lists[-1][1]) + 1
            kind = "item"
        elif token.type == "heading_open":
            kind, heading = "heading", int(token.tag[1:])
        elif token.type == "inline":
            block: dict[str, object] = {"kind": kind, "runs": _runs(token.children or [])}
            if kind == "item":
                mark, number = lists[-1]
                block |= {"mark": "•" if mark == "bullet" else f"{number}.", "depth": len(lists)}
            if kind == "heading":
                block |= {"level": heading}
            found.append(block)
            kind = "paragraph"
        elif token.type in ("fence", "code_block"):
            found.append({"kind": "paragraph", "runs": [{"text": token.content, "strong": False, "em": False}]})
    return found


def _runs(tokens: Sequence[Token]) -> list[dict[str, object]]:
    runs: list[dict[str, object]] = []
    strong = em = 0
    for token in tokens:
        match token.type:
            case "strong_open":
                strong += 1
            case "strong_close":
                strong -= 1
            case "em_open":
                em += 1
            case "em_close":
                em -= 1
            case "softbreak":
                runs.append({"text": " ", "strong": False, "em": False})
            case "hardbreak":
                runs.append({"text": "\n", "strong": False, "em": False})
            case _ if token.content:
                runs.append({"text": token.content, "strong": strong > 0, "em": em > 0})
    return runs
