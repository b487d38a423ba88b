"""When something goes wrong: a page that says what happened and what to do, and nothing lost."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from tracker.sealing import SealError

Answer = tuple[str, int, dict[str, str]]
DESIGNED = {400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503}
# Never shown again, never put back into a page.
SECRET_FIELDS = ("password", "token", "code", "secret", "csrf")
RETRY_AFTER = "30"


@dataclass(frozen=True)
class KeptField:
    """One field of a form that could not be taken, to be sent again."""

    name: str
    value: str

    @property
    def label(self) -> str:
        """The field's name as a person may read it."""
        return self.name.rpartition("-")[2].replace("_", " ").capitalize()


def kept_form() -> list[KeptField]:
    """What was typed into the form just posted, if it came from our own page; without secrets and empty fields.

    A foreign page must not get its form sent by a click on our page, so the browser has to say where it comes from.
    """
    if request.method != "POST" or not _from_our_own_page():
        return []
    return [
        KeptField(name, value)
        for name, values in request.form.lists()
        for value in values
        if value and not any(secret in name.lower() for secret in SECRET_FIELDS)
    ]


def _from_our_own_page() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.referrer or ""
    return origin == request.host_url.rstrip("/") or origin.startswith(request.host_url)


def answer(error: HTTPException) -> Answer:
    """The page for an HTTP error; a part for htmx, which would put a whole page into the hole."""
    status = error.code or 500
    name = str(status) if status in DESIGNED else ("500" if status >= 500 else "400")
    headers = {}
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER
    if (retry := getattr(error, "retry_after", None)) is not None:
        headers["Retry-After"] = str(retry)
    context = {"status": status, "error": error, "kept": []}
    if isinstance(error, CSRFError):
        name = "csrf"
    if status in (400, 401) and (name == "csrf" or status == 401):
        context["kept"] = kept_form()
    if request.headers.get("HX-Request"):
        headers |= {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"}
        return render_template("errors/_part.html", **context), status, headers
    return render_template(f"errors/{name}.html", **context), status, headers


def handle_http(error: HTTPException) -> Answer | HTTPException:
    """Any HTTP error; redirects and answers made by hand pass."""
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    return answer(error)


def handle_database(error: OperationalError) -> Answer:
    """The database did not answer, or is locked: permanent or not, the reader may try again."""
    current_app.logger.error("The database did not answer: %s", type(error.orig).__name__, exc_info=error)
    g.database_down = True
    return answer(ServiceUnavailable())


def handle_sealed(error: SealError) -> Answer:
    """What was asked for needs a key that was destroyed, or that this server does not have."""
    current_app.logger.warning("A sealed value was not opened: %s", error)
    return render_template("errors/410.html", status=410, error=error, kept=kept_form()), 410, {}


def handle_unexpected(error: InternalServerError) -> Answer:
    """A defect of ours. Flask has logged it with its traceback."""
    return answer(error)


def describe(status: int) -> str:
    """One sentence for a status, where there is no room for a page."""
    words = {
        400: _("That could not be understood."),
        401: _("Please sign in first."),
        403: _("You may read this, but not change it."),
        404: _("There is nothing here."),
        413: _("That is too large."),
        422: _("Something in the form needs another look."),
        429: _("Too many tries. Please wait a moment."),
        503: _("The tracker cannot reach its database just now. Try again in a moment."),
    }
    return str(words.get(status) or _("Something went wrong on our side."))


def init_app(app: Flask) -> None:
    """Answer every error with a designed page."""
    app.register_error_handler(HTTPException, handle_http)
    app.register_error_handler(OperationalError, handle_database)
    app.register_error_handler(SealError, handle_sealed)
    app.register_error_handler(InternalServerError, handle_unexpected)
    app.jinja_env.globals["describe_status"] = describe
