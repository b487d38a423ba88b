"""The server that people sign on: ours as `tracker web` starts it, and beside it, in the same process, the bare forms.

Two things are other than with people: the limit on posts from one network is raised, since all come from one; and a
form may be sent as soon as it was opened, since nobody reads it. Both are checked all the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bench.room.bare_forms import BARE, BARER, MUCH, bare_app
from tracker import logs
from tracker.accounts import limits
from tracker.config import Config, from_process
from tracker.operations import web


class Measured(web.Server):
    """The server, with the bare forms beside ours."""

    def load(self) -> Any:
        """Both apps as one."""
        ours = super().load()
        bare = bare_app(ours)

        def either(environ: dict[str, Any], start_response: Any) -> Any:
            return (bare if environ["PATH_INFO"].startswith((BARE, BARER)) else ours)(environ, start_response)

        return either


def main() -> None:
    """Serve until told to stop."""
    logs.configure()
    often: Any = limits.per_network
    raised: Any = lambda scope, _often: often(scope, MUCH)  # noqa: E731
    limits.per_network = raised  # before the views are read
    config: Config = from_process()
    config = replace(config, durations=replace(config.durations, sign_form_least=timedelta(0)))
    Measured(config, web.settings(f"127.0.0.1:{config.port}", threads=8, workers=1)).run()


if __name__ == "__main__":
    main()
