"""From nothing to a digest in the mailbox, and out of it again: `tracker up`, one browser, one afternoon.

Each step is a sentence that the organiser would say. They stand in order and share one instance, so they are one test.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.organiser import (
    ADDRESS,
    ASK,
    BUILD,
    BY_MISTAKE,
    EMPLOYEES,
    SHAREHOLDERS,
    Organiser,
    text_of,
)
from tests.journeys.recording import (
    i_add_a_signatory_and_paste_a_list,
    i_follow_both,
    i_log_the_employees_campaign_with_three_demands,
    i_log_the_shareholders_campaign_and_let_everybody_read_it,
    i_record_its_filing,
    i_record_its_three_sizes_as_reported,
    i_record_its_vote_as_three_people_published_it,
    i_say_what_became_of_a_demand_with_the_evidence,
    i_set_up_the_tracker_by_the_printed_link,
    i_write_down_what_amazon_said_without_leaving_the_page,
)
from tests.support.instances import Instance
from tests.support.processes import wait_until

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def organiser(chromium: Browser) -> Iterator[Organiser]:
    """An instance that `tracker up` started, and somebody in front of it."""
    instance = Instance()
    instance.up()
    ada = Organiser(chromium, instance)
    yield ada
    for context in list(chromium.contexts):
        context.close()
    instance.close()


def test_main_job(organiser: Organiser) -> None:
    """The whole main job works in a browser, on what `tracker up` starts, without a complaint in any console."""
    for step in STEPS:
        print(step.__name__.replace("_", " "))  # shown when one fails
        try:
            step(organiser)
        except Exception:  # what stood before her says more than the trace
            print(organiser.page.url, organiser.page.locator("main").inner_text()[:3000])
            raise
    problems = [problem for watch in organiser.watches for problem in watch.problems]
    assert not problems, problems


def i_correct_an_entry_in_the_open(i: Organiser) -> None:
    i.goes_to(f"{ASK}/notes/new")
    i.fills(headline="Eleven resolutions were voted on.", occurred_on="22 May 2019")
    i.page.locator("main #visibility").select_option("public")
    i.presses("Record it")
    i.goes_to(f"{ASK}/history")
    i.follows_link("Eleven resolutions were voted on.")
    i.page.locator("main a", has_text=re.compile("^Correct$")).click()
    i.fills(reason="Two accounts say twelve.", headline="Twelve resolutions were voted on.", occurred_on="22 May 2019")
    i.presses("Save the correction")
    i.goes_to(f"{ASK}/history")
    i.sees("Eleven resolutions were voted on.", "Twelve resolutions were voted on.", "Two accounts say twelve.")
    expect(i.page.locator("s", has_text="Eleven resolutions were voted on.").first).to_be_visible()


def i_name_somebody_by_mistake(i: Organiser) -> None:
    i.goes_to(f"{ASK}/notes/new")
    i.fills(headline=f"{BY_MISTAKE} handed in the letter.", occurred_on="15 June 2018")
    i.page.locator("main #visibility").select_option("public")
    i.presses("Record it")
    i.goes_to("/campaigns?q=Mistakenly")
    i.sees(SHAREHOLDERS)


def i_read_the_history(i: Organiser) -> None:
    i.goes_to(f"{ASK}/history?order=oldest")
    years = i.page.locator(".timeline-label").all_inner_texts()
    assert years == sorted(years)
    assert {"2018", "2019", "2020"} <= set(years)
    i.goes_to(f"{ASK}/history?kind=vote")
    i.sees("27.5")
    assert i.page.locator("li.entry").count() == 1


def i_run_the_digest_and_read_the_mail(i: Organiser) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=8)
    said = i.instance.tracker("digest", "run", "--now", soon.isoformat())
    mail = wait_until(lambda: [one for one in i.mails() if "List-Unsubscribe" in one], f"the digest ({said})")[-1]
    assert mail["To"] == ADDRESS
    for kind in ("plain", "html"):
        words = " ".join(text_of(mail, kind).split())
        for each in (EMPLOYEES, SHAREHOLDERS, "27.5", "Partly met", "Twelve resolutions", BY_MISTAKE):
            assert each.casefold() in words.casefold(), (kind, each)
    stops = re.search(rf"{EMPLOYEES}.*?Stop this campaign:\s+(http\S+)", text_of(mail), re.S)
    assert stops
    i.stop_link = stops[1]
    assert "Placeholder" not in text_of(mail)  # who signed is in no mail
    again = i.instance.tracker("digest", "run", "--now", soon.isoformat())
    assert len([one for one in i.mails() if "List-Unsubscribe" in one]) == 1, again
    i.goes_to("/mail")
    i.page.locator("main tbody a").first.click()
    inside = i.page.frame_locator("iframe")
    expect(inside.get_by_text(EMPLOYEES).first).to_be_visible()
    i.sees("Stop this campaign:")  # the text part


def i_redact_the_name_and_it_is_gone_everywhere(i: Organiser) -> None:
    i.goes_to(f"{ASK}/history")
    i.follows_link(f"{BY_MISTAKE} handed in the letter.")
    i.page.locator("main a", has_text=re.compile("^Redact$")).click()
    i.fills(reason="It named a person.")
    i.presses("Destroy these words for good")
    i.sees("It named a person.")
    for path in (ASK, f"{ASK}/history", "/", "/mail", f"/c{ASK.removeprefix('/campaigns')}", "/campaigns?q=Mistakenly"):
        i.goes_to(path)
        i.does_not_see("Zebedee")
    i.goes_to("/campaigns?q=Mistakenly")
    i.does_not_see(f'href="{ASK}"')
    i.goes_to("/mail")
    i.page.locator("main tbody a").first.click()
    i.does_not_see("Zebedee")
    for file in i.instance.folder.rglob("*"):
        if file.is_file():
            assert b"Zebedee" not in file.read_bytes(), file


def i_stop_a_campaign_from_the_mail(i: Organiser) -> None:
    link = i.stop_link
    phone = i.new_page(java_script_enabled=False)
    phone.goto(link)
    expect(phone.get_by_role("heading", name="Stop this campaign?")).to_be_visible()
    i.goes_to("/digests")
    i.sees(EMPLOYEES, SHAREHOLDERS)  # opening the link changed nothing: mail scanners open them all
    phone.get_by_role("button", name="Stop this campaign").click()
    expect(phone.get_by_role("heading", name="You hear no more about it")).to_be_visible()
    i.goes_to("/digests")
    i.sees(SHAREHOLDERS)
    i.does_not_see(f'href="{BUILD}"')


STEPS = [
    i_set_up_the_tracker_by_the_printed_link,
    i_log_the_employees_campaign_with_three_demands,
    i_record_its_three_sizes_as_reported,
    i_log_the_shareholders_campaign_and_let_everybody_read_it,
    i_follow_both,
    i_record_its_filing,
    i_record_its_vote_as_three_people_published_it,
    i_write_down_what_amazon_said_without_leaving_the_page,
    i_add_a_signatory_and_paste_a_list,
    i_say_what_became_of_a_demand_with_the_evidence,
    i_correct_an_entry_in_the_open,
    i_name_somebody_by_mistake,
    i_read_the_history,
    i_run_the_digest_and_read_the_mail,
    i_redact_the_name_and_it_is_gone_everywhere,
    i_stop_a_campaign_from_the_mail,
]
