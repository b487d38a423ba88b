"""Cross-site request forgery: every POST carries a token, or it is refused with the form kept (`web/errors.py`)."""

from __future__ import annotations

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFProtect, validate_csrf
from wtforms.validators import ValidationError

from tracker.web.headers import is_token_page


class Protect(CSRFProtect):
    """Flask-WTF's check, without the referrer on pages that send none."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Abort with CSRFError unless the request carries this session's token.

        Flask-WTF also wants a same-site Referer over https; a page whose address holds a secret sends none, by our own
        Referrer-Policy, so there the token alone decides.
        """
        if not is_token_page():
            super().protect(apply_exemptions=apply_exemptions)
            return
        if apply_exemptions and self._is_exempt():
            return
        if request.method not in current_app.config["WTF_CSRF_METHODS"]:
            return
        try:
            validate_csrf(self._get_csrf_token())
        except ValidationError as error:
            self._error_response(error.args[0])
        g.csrf_valid = True


csrf = Protect()


def init_app(app: Flask) -> None:
    """Check every POST, PUT, PATCH and DELETE; `@csrf.exempt` names the exceptions (RFC 8058's one click)."""
    csrf.init_app(app)
