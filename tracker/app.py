"""create_app(): wiring only, in reading order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker import db as database
from tracker import sealing, web
from tracker.accounts import access
from tracker.config import Config
from tracker.sealing.retired import retired_hash_keys

ROOT = Path(__file__).parent.parent


class Application(Flask):
    """Flask, but an error in the log names the view and not the address, which may hold somebody's token."""

    def log_exception(self, exc_info: Any) -> None:
        """The traceback of an error that nobody caught."""
        self.logger.error("Exception in %s %s", request.method, request.endpoint, exc_info=exc_info)


def create_app(config: Config) -> Flask:
    """The web application for one instance, ready to serve and to run tasks in."""
    app = Application(
        "tracker",
        root_path=str(ROOT / "tracker"),
        template_folder=str(ROOT / "templates"),
        static_folder=None,  # web/assets.py serves tracker/static under hashed names
        instance_path=str(config.instance),
    )
    app.config.from_mapping(_flask_settings(config))
    app.extensions["config"] = config
    if config.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]

    import_models()
    database.init_app(app)
    sealing.init_app(app, config.data_keys, retired_hash_keys)
    web.init_app(app)
    _register_features(app)
    access.refuse_unmarked(app)
    return app


def import_models() -> None:
    """Every model, so that relationships named by a word and migrations find them."""
    from tracker import instance, search_text  # noqa: F401
    from tracker.accounts import models as _accounts  # noqa: F401
    from tracker.breakdowns import models as _breakdowns  # noqa: F401
    from tracker.campaigns import deadlines as _deadlines  # noqa: F401
    from tracker.campaigns import issue_merges as _issue_merges  # noqa: F401
    from tracker.campaigns import models as _campaigns  # noqa: F401
    from tracker.campaigns import relations as _relations  # noqa: F401
    from tracker.campaigns import searching as _campaigns_found  # noqa: F401
    from tracker.companies import merges as _merges  # noqa: F401
    from tracker.companies import models as _companies  # noqa: F401
    from tracker.companies import searching as _companies_found  # noqa: F401
    from tracker.deliveries import models as _deliveries  # noqa: F401
    from tracker.digests import models as _digests  # noqa: F401
    from tracker.engagements import models as _engagements  # noqa: F401
    from tracker.importing import models as _importing  # noqa: F401
    from tracker.mail import models as _mail  # noqa: F401
    from tracker.outcomes import models as _outcomes  # noqa: F401
    from tracker.resolutions import models as _resolutions  # noqa: F401
    from tracker.sealing import models as _sealing  # noqa: F401
    from tracker.signatures import blocks as _blocks  # noqa: F401
    from tracker.signatures import codes as _codes  # noqa: F401
    from tracker.signatures import models as _signatures  # noqa: F401
    from tracker.signatures import not_again as _not_again  # noqa: F401
    from tracker.signatures import pairs as _pairs  # noqa: F401
    from tracker.signatures import signings as _signings  # noqa: F401
    from tracker.signatures import versions as _versions  # noqa: F401
    from tracker.sweeps import models as _sweeps  # noqa: F401
    from tracker.timeline import models as _timeline  # noqa: F401
    from tracker.timeline import searching as _timeline_found  # noqa: F401
    from tracker.web import models as _web  # noqa: F401
    from tracker.work_addresses import models as _work_addresses  # noqa: F401


def _register_features(app: Flask) -> None:
    """Blueprints, from the ground up."""
    from tracker.accounts import security
    from tracker.accounts.views import bp as accounts
    from tracker.bin.views import bp as removed
    from tracker.breakdowns.views import bp as breakdowns
    from tracker.campaigns.members import bp as members
    from tracker.campaigns.views import bp as campaigns
    from tracker.companies import same  # noqa: F401 - pages of the blueprint below
    from tracker.companies.views import bp as companies
    from tracker.deliveries.views import bp as deliveries
    from tracker.digests import desk, following, hook, leaving, mailbox, unlisting
    from tracker.digests import hearing as _hearing  # noqa: F401 - says which signers read news in a digest
    from tracker.digests import uniting as _uniting  # noqa: F401 - accounts take over what their address follows
    from tracker.digests.views import bp as digests
    from tracker.engagements.views import bp as engagements
    from tracker.importing.views import bp as importing
    from tracker.outcomes.views import bp as outcomes
    from tracker.pages import attachments, changes, health, history, redaction  # noqa: F401
    from tracker.pages.entries import bp as entries
    from tracker.pages.views import bp as pages
    from tracker.resolutions.views import bp as resolutions
    from tracker.retention.views import bp as retention
    from tracker.signatures import bodies, protection  # noqa: F401 - react to what happens to organisations, campaigns
    from tracker.signatures.views import bp as signatures
    from tracker.sweeps.views import bp as sweeps
    from tracker.work_addresses.views import bp as work_addresses

    security.init_app(app)
    app.register_blueprint(accounts)
    app.register_blueprint(members)
    app.register_blueprint(companies)
    app.register_blueprint(campaigns)
    app.register_blueprint(health.bp)
    app.register_blueprint(engagements)
    app.register_blueprint(outcomes)
    app.register_blueprint(resolutions)
    app.register_blueprint(signatures)
    app.register_blueprint(importing)
    app.register_blueprint(work_addresses)
    app.register_blueprint(retention)
    app.register_blueprint(sweeps)
    app.register_blueprint(breakdowns)
    app.register_blueprint(deliveries)
    app.register_blueprint(digests)
    app.register_blueprint(desk.bp)
    app.register_blueprint(unlisting.bp)
    app.register_blueprint(following.bp)
    app.register_blueprint(leaving.bp)
    app.register_blueprint(hook.bp)
    app.register_blueprint(removed)
    config: Config = app.extensions["config"]
    if config.mail.is_folder:
        app.register_blueprint(mailbox.bp)
    app.register_blueprint(entries)
    app.register_blueprint(attachments.bp)
    app.register_blueprint(pages)


def _flask_settings(config: Config) -> dict[str, object]:
    """Flask's and the extensions' names for what Config says (reliability.md, section (b))."""
    return {
        "TESTING": config.testing,
        "SECRET_KEY": config.secret_key,
        "SECRET_KEY_FALLBACKS": list(config.secret_key_fallbacks),
        "TRUSTED_HOSTS": list(config.trusted_hosts),
        "SERVER_NAME": None,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 1000,
        "SESSION_COOKIE_NAME": "__Host-sid" if config.is_https else "sid",
        "SESSION_COOKIE_SECURE": config.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": config.durations.sign_in_absolute,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": True,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": database.engine_options(config.database_url),
        "SQLALCHEMY_BINDS": {
            database.KEYS: {"url": config.key_database_url, **database.engine_options(config.key_database_url)}
        },
        "MIGRATIONS": ROOT / "tracker" / "migrations",
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "tracker" / "translations"),
    }
