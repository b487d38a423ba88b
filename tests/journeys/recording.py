"""The first half of the main job, a sentence each: what the organiser records."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.organiser import ADDRESS, ASK, BUILD, EMPLOYEES, PASSWORD, SHAREHOLDERS, Organiser


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
