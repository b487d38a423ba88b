"""Pages that exist for these tests alone, so that every component is rendered somewhere whatever the features do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader

from tests.web.sample import sample

Pages = Callable[..., Flask]


@pytest.fixture
def sample_pages(app: Flask) -> Flask:
    """The app with the page /sample/<name> for each template in tests/web/pages."""
    folder = Path(__file__).parent / "pages"
    assert app.jinja_loader
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(folder)])

    def show(name: str) -> Any:
        values = sample()
        form = values["form"]
        fine = not form.is_submitted() or form.validate()
        return render_template(f"{name}.html", **values), 200 if fine else 422

    app.add_url_rule("/sample/part", "part", lambda: ("<p id='arrived'>It arrived.</p>", 422))
    app.add_url_rule("/sample/<name>", "sample", show, methods=["GET", "POST"])
    return app
