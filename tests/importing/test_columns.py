"""Columns are known by the headings that other programs write, and remembered as somebody chose them here."""

from __future__ import annotations

import pytest

from tests.data.files import as_csv
from tests.importing.lists import brought
from tests.signatures.conftest import campaign
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import transaction
from tracker.importing import service
from tracker.importing.columns import guessed
from tracker.importing.models import DayOrder
from tracker.importing.presets import program_of
from tracker.signatures.models import Appearance

# As each program writes them, where its code or several readers of its files were read. Others are not claimed.
PRESETS = {
    "Pytition": "first_name=first_name last_name=last_name phone=phone email=address "
    "subscribed_to_mailinglist=updates confirmed=confirmed",
    "Action Network": "email=address first_name=first_name last_name=last_name zip_code= can2_user_tags= "
    "can2_phone=phone Organization=affiliation can2_subscription_date=",
    "ActionKit": "AK_ID= first_name=first_name middle_name=middle_name last_name=last_name suffix= Billing_City=city "
    "Mobile_Phone=phone Email=address Mail_preference= Join_Date=signed_on",
    "CiviCRM": "Contact_ID= Contact_Type=kind Do_Not_Email= Sort_Name= Display_Name=name First_Name= Last_Name= "
    "Job_Title=office Street_Address= Email=address Phone=phone",
    "openletter.earth": "id= letter_id= name=name city=city occupation=office organization=affiliation token= "
    "is_verified=confirmed created_at=signed_on email=address",
    "Basket": "name=name email=address title=office affiliation=affiliation ip= email_confirmed=confirmed "
    "created=signed_on",
    "signatories": "ID= ORCID= Name=name Affiliation=affiliation Campaign= Anonymous=anonymous",
    "Google Forms": "Timestamp=signed_on Email_address=address Name=name",
    "Change.org": "name=name city=city state_province= country_code= signed_at=signed_on",
    "ours": "name=name role=office organisation=affiliation team=team city=city email=address phone=phone "
    "status=status kind=kind from= appearance=appearance signed_on=signed_on recorded_at= text_version= "
    "wishes_updates=updates reference=",
}


@pytest.mark.parametrize("program", PRESETS)
def test_headings_of_other_programs_are_known(program: str) -> None:
    """Each column is what it is there, and none is two."""
    pairs = [pair.split("=") for pair in PRESETS[program].split()]
    assert guessed([heading.replace("_", " ") for heading, _is in pairs]) == [column for _heading, column in pairs]
    assert guessed([heading for heading, _is in pairs]) == [column for _heading, column in pairs]


@pytest.mark.parametrize("program", PRESETS)
def test_the_program_is_named(program: str) -> None:
    """By what it always writes, whatever else stands beside; a plain list is nobody's."""
    heading = [pair.split("=")[0] for pair in PRESETS[program].split()]
    named = {"Basket": "Mozilla Basket", "signatories": "planetary-research/signatories", "ours": "this tracker"}
    beside = [] if program == "ours" else ["Anything else"]
    assert program_of([*heading, *beside]).startswith(named.get(program, program))
    assert not program_of(["Name", "Email", "Organisation", "Date"])


def test_columns_are_remembered_for_the_campaign(letter: Campaign, organiser: Account) -> None:
    """What somebody chose for a heading is proposed for the same heading here, and in no other campaign."""
    file = as_csv([["Who", "Works at", "Email"], ["Ada Knot", "Heron Works", "ada@example.org"]])
    with transaction():
        other = campaign("other")
        row = service.begin(letter, [file], appearance=Appearance.COUNTED, actor=organiser, now=clock.now())
    assert row.columns == ["", "", "address"]
    chosen = ["name", "affiliation", ""]
    with transaction():
        service.check(row, chosen, order=DayOrder.DAY_FIRST, appearance=Appearance.COUNTED, now=clock.now())
    with transaction():
        again = service.begin(letter, [file], appearance=Appearance.COUNTED, actor=organiser, now=clock.now())
    assert (again.columns, again.day_order) == (chosen, DayOrder.DAY_FIRST)
    again = brought(letter, organiser, file + b"Bea Knot,,\n")
    assert (again.columns, again.new) == (chosen, 2)
    with transaction():
        elsewhere = service.begin(other, [file], appearance=Appearance.COUNTED, actor=organiser, now=clock.now())
    assert elsewhere.columns == ["", "", "address"]
