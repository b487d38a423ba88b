"""What must hold of the wired application: access, forgery, jobs, schema."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from tests.conftest import MakeApp
from tracker import jobs
from tracker.accounts.access import LIBRARY_ENDPOINTS, MARK
from tracker.db import KEYS, db
from tracker.operations import migrate

# Mailbox providers (RFC 8058) and mail services post here without a cookie; the token or the secret is what counts.
WITHOUT_FORGERY_CHECK = {
    *("deliveries.stop", "deliveries.again"),  # a link of a mail: the token in the address is the right to do this
    *("leaving.unsubscribe", "leaving.stop", "hook.bounce"),
    # Pages of signers set no cookie: what is typed, or the secret in the address, is the whole right (docs/adr).
    *("signatures.sign", "signatures.confirm", "signatures.appear", "signatures.withdraw_own"),
    "signatures.change_own_words",
    *("signatures.sign_again", "signatures.erase", "signatures.sign_by_code", "signatures.enter_receipt"),
    *("work_addresses.ask", "work_addresses.sign"),
}


def test_every_endpoint_says_who_may_enter(app: Flask) -> None:
    """Each view carries one of the four marks, and the exceptions for libraries are still there."""
    for endpoint, view in app.view_functions.items():
        if endpoint in LIBRARY_ENDPOINTS:
            continue
        mark = getattr(view, MARK, None)
        assert mark, f"{endpoint}: say who may enter (tracker/accounts/access.py)"


def test_an_unmarked_view_stops_the_app(app: Flask) -> None:
    """Default deny: whoever forgets the mark cannot even start."""
    from tracker.accounts.access import refuse_unmarked

    app.view_functions["forgotten"] = lambda: "secrets"
    with pytest.raises(RuntimeError, match="forgotten"):
        refuse_unmarked(app)


def test_pages_that_change_something_check_for_forgery(make_app: MakeApp) -> None:
    """Only what is done without a session is exempt from the token; everything else answers 400."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = True
    csrf = app.extensions["csrf"]
    assert not csrf._exempt_blueprints
    exempt = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if f"{view.__module__}.{view.__name__}" in csrf._exempt_views
    }
    assert exempt <= WITHOUT_FORGERY_CHECK, f"exempt from the token: {sorted(exempt - WITHOUT_FORGERY_CHECK)}"
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint not in exempt:
            path = rule.build(
                {name: 1 if "Integer" in type(c).__name__ else "x" for name, c in rule._converters.items()}
            )
            assert path is not None
            answer = client.post(path[1], headers={"Host": "127.0.0.1"})
            assert answer.status_code == 400, f"{rule.endpoint} at {path[1]} answered {answer.status_code}"


def test_nothing_changes_on_a_get(app: Flask) -> None:
    """No address takes both forms of asking under one view that does not look at the method: PUT, PATCH and DELETE are
    not used at all, so that every change is a POST with a token."""
    for rule in app.url_map.iter_rules():
        extra = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS", "POST"}
        assert not extra, f"{rule.endpoint} takes {extra}"


def test_every_job_has_a_task() -> None:
    """Whatever is nudged or scheduled is a task of that name, and every scheduled message expires."""
    from celery import Celery

    import worker.tasks  # noqa: F401
    from worker.schedule import SCHEDULE

    celery = Celery("laws", set_as_current=False)
    celery.finalize()
    known = {name for name in celery.tasks if not name.startswith("celery.")}
    named = {value for name, value in vars(jobs).items() if name.isupper() and isinstance(value, str) and "." in value}
    scheduled = {entry["task"] for entry in SCHEDULE.values()}
    assert named | scheduled <= known
    assert known <= named | scheduled, "a task that nobody asks for"
    for name, entry in SCHEDULE.items():
        assert entry.get("options", {}).get("expires"), (
            f"{name}: an hour without workers must not be an hour of messages"
        )


@pytest.mark.each_database
def test_models_equal_migrations(context: Flask) -> None:
    """What the migrations made is what the models say, on both databases, in the main one and in the keys'."""
    for bind, metadata in ((None, db.metadatas[None]), (KEYS, db.metadatas[KEYS])):
        with db.engines[bind].connect() as connection:
            found = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(found, metadata) == [], "make migration WORDS=…"


def test_one_head_named_by_number(context: Flask) -> None:
    """Alembic agrees that the file with the highest number is the only head."""
    scripts = ScriptDirectory(str(context.config["MIGRATIONS"]))
    assert scripts.get_heads() == [migrate.wanted()]
    assert {step.revision for step in scripts.walk_revisions()} == migrate.known()
