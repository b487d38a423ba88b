"""Words that were looked at and committed. `SNAPSHOTS=write` writes them anew: read the difference."""

import os
from pathlib import Path

from flask import Flask

SITE = "https://tracker.example.org"


def compare_mail(app: Flask, folder: Path, name: str, *, subject: str, text: str, html: str) -> None:
    """Fail unless a mail's three parts are those committed as `<name>.subject.txt`, `.body.txt` and `.body.html`."""
    base = app.extensions["config"].public_base_url
    parts = {"subject.txt": subject, "body.txt": text, "body.html": html}
    for part, words in parts.items():
        file = folder / f"{name}.{part}"
        found = words.replace("\r\n", "\n").replace(base, SITE).rstrip("\n") + "\n"
        if os.environ.get("SNAPSHOTS") == "write":
            folder.mkdir(exist_ok=True)
            file.write_text(found)
        assert file.exists(), f"{file.name} is not committed; SNAPSHOTS=write makes it"
        assert found == file.read_text(), f"{file.name} changed; SNAPSHOTS=write if that is meant"
