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
    PASSWORD,
    SHAREHOLDERS,
    Organiser,
    text_of,
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


def i_set_up_the_tracker_by_the_printed_link(i: Organiser) -> None:
    i.goes_to(i.setup_link)
    i.page.get_by_label("Name").fill("Ada")
    i.page.get_by_label("E-mail address").fill(ADDRESS)
    i.page.get_by_label("Password").fill(PASSWORD)
    i.page.get_by_label("Password").press("Enter")
    i.sees("Welcome. You are the administrator")
    stranger = i.new_page()
    response = stranger.goto(i.setup_link)
    assert response is not None
    assert response.status in (404, 410)  # it works once


def i_log_the_employees_campaign_with_three_demands(i: Organiser) -> None:
    i.goes_to("/campaigns/new")
    i.fills(title=EMPLOYEES)
    i.page.get_by_label("Employees").check()
    i.page.get_by_label("Company that is asked").fill("Amazon")
    i.page.get_by_label("What is asked, one a line").fill(
        "Stop selling Rekognition to law enforcement\n"
        "Stop running AWS for Palantir and others who enable ICE\n"
        "Give employees oversight of ethical decisions"
    )
    i.page.get_by_label("When it began").fill("June 2018")
    i.presses("Log the campaign")
    expect(i.page).to_have_url(re.compile(re.escape(BUILD) + "$"))
    i.sees(EMPLOYEES, "Amazon", "June 2018", "By link", "Give employees oversight of ethical decisions", "Unanswered")


def i_record_its_three_sizes_as_reported(i: Organiser) -> None:
    for qualifier, value, when, citation, publisher in (
        ("more_than", "100", "June 2018", "Report on the letter", "Business Insider"),
        ("more_than", "450", "October 2018", "Op-ed of an employee", "Medium"),
        ("about", "500", "July 2019", "Report on the e-mail", "BuzzFeed News"),
    ):
        i.goes_to(f"{BUILD}/sizes/new")
        i.page.get_by_label("How exactly").select_option(qualifier)
        i.fills(value=value, population="employees", occurred_on=when)
        i.cites(citation, publisher)
        i.presses("Record it")
        i.sees(value)
    i.goes_to(f"{BUILD}/signatories")
    i.sees("more than 100 employees", "more than 450 employees", "about 500 employees")
    i.goes_to(BUILD)
    i.sees("About 500 employees", "reported July 2019")


def i_log_the_shareholders_campaign_and_let_everybody_read_it(i: Organiser) -> None:
    i.goes_to("/campaigns/new")
    i.fills(title=SHAREHOLDERS)
    i.page.get_by_label("Shareholders", exact=True).check()
    i.page.get_by_label("Company that is asked").fill("Amazon")
    i.page.get_by_label("What is asked, one a line").fill(
        "Stop selling Rekognition to governments\nHave an independent study made"
    )
    i.presses("Log the campaign")
    expect(i.page).to_have_url(re.compile(re.escape(ASK) + "$"))
    i.goes_to(f"{ASK}/visibility")
    i.page.locator("main").get_by_role("radio", name="Public").check()
    i.presses("Save")
    stranger = i.new_page()
    stranger.goto(f"/c{ASK.removeprefix('/campaigns')}")
    expect(stranger.locator("h1")).to_contain_text(SHAREHOLDERS)


def i_follow_both(i: Organiser) -> None:
    for path in (BUILD, ASK):
        i.goes_to(path)
        i.presses("Follow")
        i.sees("You will hear about it", "Stop following")


def i_record_its_filing(i: Organiser) -> None:
    i.goes_to(f"{ASK}/resolutions/new")
    i.fills(
        title="Independent study of Rekognition",
        occurred_on="December 2018",
        lead_filer="Sisters of St. Joseph of Brentwood",
        co_filers="Azzad Asset Management\nMaryknoll Sisters",
        meeting_on="22 May 2019",
        item_number="7",
    )
    i.cites("Notice of exempt solicitation", "EDGAR")
    i.presses("Record it")
    i.sees("Independent study of Rekognition", "led by Sisters of St. Joseph of Brentwood with 2 co-filers")


def i_record_its_vote_as_three_people_published_it(i: Organiser) -> None:
    i.goes_to(ASK)
    i.follows_link("Independent study of Rekognition")
    i.sees("Maryknoll Sisters", "Azzad Asset Management")
    i.page.locator("main a[href$='/votes/new']").first.click()
    i.fills(occurred_on="22 May 2019")
    for row, (value, denominator, by) in enumerate(
        (
            ("27.5", "with_abstentions", "Reuters"),
            ("28.22", "for_and_against", "Harrington Investments"),
            ("37", "independent", "Open MIC"),
        )
    ):
        i.page.locator(f"#percentages-{row}-value").fill(value)
        i.page.locator(f"#percentages-{row}-denominator").select_option(denominator)
        i.page.locator(f"#percentages-{row}-published_by").fill(by)
    i.presses("Record it")
    i.sees("27.5", "28.22", "37", "Reuters", "Open MIC")
    i.goes_to(f"{ASK}/history")
    i.sees("abstentions counted as against", "of for and against", "of independent shares")


def i_write_down_what_amazon_said_without_leaving_the_page(i: Organiser) -> None:
    i.goes_to(ASK)
    place = i.page.locator("details", has_text="Add what they said")
    place.locator("summary").first.click()
    place.locator("[name=quotation]").fill("We are implementing a one-year moratorium.")
    place.locator("[name=occurred_on]").fill("10 June 2020")
    place.locator("[name=source-citation]").fill("Report on the moratorium")
    place.get_by_role("button", name="Record it").click()
    i.sees("We are implementing a one-year moratorium.", "10 June 2020", "Report on the moratorium")
    i.goes_to("/companies/amazon")
    i.sees("We are implementing a one-year moratorium.", "2020")


def i_add_a_signatory_and_paste_a_list(i: Organiser) -> None:
    i.goes_to(f"{BUILD}/signatories/new")
    i.fills(name="Ada Example", office="Engineer")
    i.page.get_by_label("Only counted").check()
    i.presses("Add signatory")
    i.goes_to(f"{BUILD}/signatories/paste")
    i.fills(
        text="Bo Sample, Engineer, Team North\nCas Placeholder, Writer, Team South\nBo Sample, Engineer, Team North"
    )
    i.presses("Show what is understood")
    i.sees("Cas Placeholder", "Team South", "The same name stands on line 1.")
    i.page.get_by_label("Leave out line 3").check()
    i.presses("Add 3 signatories")  # the third is ticked off
    i.sees("Bo Sample", "Cas Placeholder", "Ada Example")
    i.goes_to(BUILD)
    i.sees("3 signed here")
    database = (i.instance.folder / "tracker.db").read_bytes() + (i.instance.folder / "tracker.db-wal").read_bytes()
    assert b"Placeholder" not in database  # a protected campaign: names are sealed


def i_say_what_became_of_a_demand_with_the_evidence(i: Organiser) -> None:
    i.goes_to(BUILD)
    i.follows_link("Stop selling Rekognition to law enforcement")
    i.follows_link("Record what became of it")
    i.page.get_by_label("Partly met").check()
    i.fills(occurred_on="10 June 2020", words="A pause of one year for the police.")
    i.cites("Report on the moratorium", "BuzzFeed News")
    i.page.get_by_label("Whose doing it is").select_option("not_claimed")
    i.presses("Record it")
    i.goes_to(BUILD)
    i.sees("Partly met", "10 Jun 2020", "Report on the moratorium")


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
