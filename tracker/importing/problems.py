"""Why a file, or one row of it, is refused: a word that is kept, and the sentence that people read."""

from __future__ import annotations

import enum

from tracker.words import LazyString, _


class Problem(enum.StrEnum):
    """Why a file as a whole cannot be read."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_A_LIST = "not_a_list"
    OLD = "old"
    BROKEN = "broken"
    TOO_MUCH_WORK = "too_much_work"
    ENCODING = "encoding"
    QUOTES = "quotes"
    LONG_LINE = "long_line"
    COLUMNS = "columns"
    NO_NAME = "no_name"
    DAY_ORDER = "day_order"


PROBLEMS: dict[Problem, LazyString] = {
    Problem.EMPTY: _("There is nothing in this file."),
    Problem.TOO_LARGE: _("The file is too large for this form; `tracker import` on the server takes larger ones."),
    Problem.NOT_A_LIST: _("This is no list that can be read here: CSV, TSV, XLSX, ODS, or JSON exported here."),
    Problem.OLD: _("A spreadsheet of the old kind (.xls), or with a password; save it as XLSX without one."),
    Problem.BROKEN: _("The file is broken, or protected by a password."),
    Problem.TOO_MUCH_WORK: _("Unpacked, this file is larger than any list; save its first sheet as CSV."),
    Problem.ENCODING: _("The letters are not in this encoding; choose another."),
    Problem.QUOTES: _("A quotation mark is opened, or closed, in the wrong place, so that rows run into one another."),
    Problem.LONG_LINE: _("A cell or line is longer than any list has; perhaps a quotation mark is never closed."),
    Problem.COLUMNS: _("More columns than any list has: more than 500."),
    Problem.NO_NAME: _("Say which column is the name."),
    Problem.DAY_ORDER: _("Some dates can be read in two ways; say whether the day or the month comes first."),
}


class FileProblem(Exception):
    """The file as a whole cannot be read; `row` is where, or 0."""

    def __init__(self, problem: Problem, row: int = 0) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.row = row


class RowProblem(enum.StrEnum):
    """Why one row is refused."""

    NO_NAME = "no_name"
    LONG = "long"
    ADDRESS = "address"
    DATE = "date"
    DATE_AHEAD = "date_ahead"
    UNCONFIRMED = "unconfirmed"
    ENDED = "ended"
    CELLS = "cells"


ROW_PROBLEMS: dict[RowProblem, LazyString] = {
    RowProblem.NO_NAME: _("No name in this row."),
    RowProblem.LONG: _("Longer than any name: more than 500 characters."),
    RowProblem.ADDRESS: _("The e-mail address cannot be right."),
    RowProblem.DATE: _("The date could not be read."),
    RowProblem.DATE_AHEAD: _("Nobody has signed on a day still to come."),
    RowProblem.UNCONFIRMED: _("Not confirmed there, so it does not count here."),
    RowProblem.ENDED: _("Withdrawn or waiting there, so it does not count here."),
    RowProblem.CELLS: _("More cells than there are columns; perhaps a comma stands unquoted in a cell."),
}
