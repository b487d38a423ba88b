"""Campaigns to import into, from the tests of signatures."""

from tests.signatures.conftest import lead, letter, organiser, protected

__all__ = ["lead", "letter", "organiser", "protected"]
