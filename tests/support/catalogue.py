"""The words of the product in `tracker/translations/messages.pot`: collect them anew, or say that they are out of date.

python -m tests.support.catalogue            # status 1 and a sentence when the catalogue is not up to date
python -m tests.support.catalogue --write    # `make messages`
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

ROOT = Path(__file__).resolve().parents[2]
POT = ROOT / "tracker" / "translations" / "messages.pot"


def collect() -> str:
    """The catalogue as it should be: sorted, without places and dates, so that only words change it."""
    with (ROOT / "babel.cfg").open() as settings:
        methods, options = parse_mapping_cfg(settings)
    # The date of no collection in particular: it would change with every run.
    never = datetime(2026, 1, 1, tzinfo=UTC)
    catalogue = Catalog(project="Undersigned", version="1", charset="utf-8", creation_date=never, revision_date=never)
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
    for folder in ("tracker", "templates"):
        found = extract_from_dir(str(ROOT / folder), _inside(folder, methods), options, keywords=keywords)
        for _filename, _line, words, _comments, context in found:
            catalogue.add(words, context=context)
    written = io.BytesIO()
    write_po(written, catalogue, no_location=True, sort_output=True, omit_header=False, width=120)
    return written.getvalue().decode()


def _inside(folder: str, methods: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(pattern.removeprefix(f"{folder}/"), how) for pattern, how in methods if pattern.startswith(f"{folder}/")]


def main(arguments: list[str]) -> int:
    """Write or compare; the exit status."""
    wanted = collect()
    if "--write" in arguments:
        POT.parent.mkdir(exist_ok=True)
        POT.write_text(wanted, encoding="utf-8")
        return 0
    if not POT.exists() or POT.read_text(encoding="utf-8") != wanted:
        print("tracker/translations/messages.pot is not up to date; run `make messages` and commit it.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
