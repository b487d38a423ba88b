"""Which passwords are refused."""

import pytest

from tracker.accounts.passwords import OWN_WORDS, TOO_COMMON, TOO_LONG, TOO_SHORT, weakness

ADA = ("ada.lovelace@example.org", "Ada Lovelace")


@pytest.mark.parametrize(
    "password",
    [
        "horseradish under seven kites",
        "zwölf blaue Elefanten",
        "mfQ7x-pLw2-9dKa",
        "                 x y z q 9",
        "🦔🦔🦔🦔🦔🦔🦔 hedgehogs",
        "ada likes green kites",
        "the campaign of the blue kites",
    ],
)
def test_good_passwords_are_taken(password: str) -> None:
    """Length is all that is asked: any script, spaces, words, without rules about digits or capitals."""
    assert weakness(password, ADA) is None


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password1234!", "p@ssw0rd1234", "passwordpassword", "PASSWORD-PASSWORD", "123456789012",
        "qwertyuiop[]", "qwertyuiop123", "aaaaaaaaaaaaa", "abababababab", "iloveyou1234", "letmein123456",
        "correct horse battery staple", "administrator1", "zyxwvutsrqponm", "1qaz2wsx3edc", "Liverpool2024",
    ],
)  # fmt: skip
def test_common_passwords_are_refused(password: str) -> None:
    """The first ones anybody would try, however they are dressed up."""
    assert weakness(password, ADA) is TOO_COMMON


@pytest.mark.parametrize(
    "password", ["undersigned2026", "Ada Lovelace 1815", "lovelace-ada!", "ada.lovelace@example.org"]
)
def test_own_words_are_refused(password: str) -> None:
    """What is made of the person's or the product's own words."""
    assert weakness(password, ADA) is OWN_WORDS


def test_length_is_counted_in_characters() -> None:
    """Eleven characters are too few, twelve are enough, a book is too much."""
    assert weakness("elevenchars", ()) is TOO_SHORT
    assert weakness("twelve-chars", ()) is None
    assert weakness("x y z é w " * 30, ()) is TOO_LONG
