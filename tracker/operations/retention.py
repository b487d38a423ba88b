"""`tracker retention`: forget the people of campaigns that are over, or only say who would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker import clock
from tracker.operations.edge import Refusal, in_app

if TYPE_CHECKING:
    from tracker.retention.queries import Ending


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Say what will happen when, and change nothing.")
@click.option("--campaign", "slug", help="Forget the people of this campaign now, whatever its day is.")
@click.option("--yes", is_flag=True, help="With --campaign: do not ask.")
@in_app
def command(dry_run: bool, slug: str | None, yes: bool) -> None:
    """Destroy contact data and hidden names that are due. May be interrupted and run again; the beat runs it too."""
    from tracker.campaigns.queries import campaign_by_slug
    from tracker.db import db
    from tracker.retention import forgetting, queries
    from tracker.timeline.queries import day_in

    now = clock.now()
    if slug is not None:
        campaign, _former = campaign_by_slug(slug)
        if campaign is None:
            raise Refusal(f"There is no campaign with the address {slug}.")
        click.echo(_line(queries.ending_of(campaign, day_in(campaign.zone, now)), due=True))
        if dry_run:
            return
        number = campaign.id
        if not yes:
            click.confirm("Nobody can undo this. Forget them now?", abort=True)
        people = forgetting.forget_people(number, now=now)
        click.echo(f"{people} signatories were forgotten; the keys of this campaign's people are destroyed.")
        return
    if dry_run:
        endings = [queries.ending_of(campaign, day_in(campaign.zone, now)) for campaign in queries.ending_campaigns()]
        for ending in endings:
            click.echo(_line(ending, due=ending.is_due(day_in(ending.campaign.zone, now))))
        click.echo("Nothing was changed." if endings else "No campaign ends, so nobody is to be forgotten.")
        db.session.rollback()
        return
    done = forgetting.forget_due(now)
    click.echo(
        f"{done.people} signatories of {done.campaigns} campaigns were forgotten, {done.look_ups} look-up keys gone."
        if done.campaigns or done.look_ups
        else "Nothing was due."
    )


def _line(ending: Ending, *, due: bool) -> str:
    slug = ending.campaign.slug
    if ending.is_over:
        return f"{slug}: forgotten on {ending.campaign.people_forgotten_at:%Y-%m-%d}."
    when = "now" if due else f"on {ending.forget_on}"
    return (
        f"{slug}: {when}: contact data of {ending.contacts}, {ending.hidden} hidden names go; "
        f"{ending.named} names shown in the open stay."
    )
