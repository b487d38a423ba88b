"""Invented companies, people and sentences: put together by chance from short lists. Nobody here exists."""

from __future__ import annotations

import random


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


FIRST = words(
    """
    Adaeze Anselm Ayla Bashir Beathe Calum Daria Dilan Edda Emeka Farid Fenna Goran Halima Henrik Ines Ismo Jorunn
    Kaveh Kirsi Ladislav Leila Mairi Mateus Mirela Nils Noor Odalys Oisín Pirjo Quirin Rania Roelof Saba Sorin
    Tamsin Thandi Ulrika Veselin Wanjiru Xenia Yusra Zdeněk Žofie
    """
)
LAST = words(
    """
    Achterberg Bielawski Carrowmore Dahlqvist Ebersole Fenwright Grimsdal Hollenbach Inglewick Jääskeläinen
    Karimov Lindqvarn Mbekwe Nordhagen Okonjola Pelletrin Quarnström Rautavuori Sandovar Tchekov Umarova
    Vandermolen Wojtasik Xanthopol Yıldırım Zahradnik Ashgrove Brennerman Castellane Dragomirov Eikeland Farrowby
    Gjertsen Hawksmere Iversholm Kettleby Larchmont Marchetto Nyqvist Ostrander
    """
)
COMPANY = words(
    """
    Northmere Halden Quillon Brightwater Ashforth Corvane Delmar Eastgate Ferrowick Granholm Harrowgate Ironvale
    Juniper Kestrel Lindenau Marlowe Netherby Oakhurst Pellworm Quarry Ravensby Silverdal Thornbury Umber Vantage
    Westerly Yarrow Zephyr
    """
)
TRADE = words(
    """
    Freight Foods Systems Energy Retail Logistics Pharma Textiles Cloud Motors Bank Airways Mining Media
    """
)
AIMS = (
    "Publish the pay gap",
    "Stop selling face recognition to the police",
    "Set a target for emissions by 2030",
    "Let workers organise without reprisal",
    "Report on water used in dry regions",
    "End contracts with data brokers",
    "Disclose what is spent on lobbying",
    "Put a worker on the board",
    "Audit suppliers for forced labour",
    "Explain how prices are set by algorithm",
)
PLACES = (
    "at the annual meeting",
    "in writing",
    "by letter to the board",
    "in the press",
    "at the gate",
    "through its lawyers",
)
ANSWERS = (
    "says that it takes the matter seriously and is looking into it",
    "refuses and calls the demand out of proportion",
    "promises a report within a year",
    "points to its code of conduct",
    "says that it will pause for a year",
)
NOTES = (
    "Two regional groups joined the coalition",
    "The letter was read aloud to some sixty people outside the head office",
    "A second draft went to the working group",
    "The company asked for a call and then moved it twice",
    "A journalist asked for the number of signatures",
)
DETAIL = (
    "What was said is kept as it was told to us; **nobody** is quoted by name.\n\n"
    "- the question was put twice\n- the answer came in writing\n- the next step is a call"
)
LETTER = "We, the undersigned, ask {company} to act.\n\n" + "\n\n".join(
    f"{number}. {aim}, and say by when." for number, aim in enumerate(AIMS[:4], start=1)
)


def company_name(number: int) -> str:
    """The name of the company with this number; unlike any other."""
    name = f"{COMPANY[number % len(COMPANY)]} {TRADE[number // len(COMPANY) % len(TRADE)]}"
    again = number // (len(COMPANY) * len(TRADE))
    return f"{name} {again + 1}" if again else name


def person_name(chance: random.Random) -> str:
    """A name that a person could have."""
    middle = f" {chance.choice(FIRST)}" if chance.random() < 0.2 else ""
    return f"{chance.choice(FIRST)}{middle} {chance.choice(LAST)}"
