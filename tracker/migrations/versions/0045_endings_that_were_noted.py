"""When a team was told that the people of a campaign which nobody concludes will be forgotten.

Revision: 0045, after 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade(engine_name: str) -> None:
    """Bring one database up to this revision."""
    {"main": upgrade_main, "keys": upgrade_keys}[engine_name]()


def downgrade(engine_name: str) -> None:
    """Take one database back to the revision before."""
    {"main": downgrade_main, "keys": downgrade_keys}[engine_name]()


def upgrade_keys() -> None:
    pass


def downgrade_keys() -> None:
    pass


def upgrade_main() -> None:
    op.add_column("campaign", sa.Column("ending_noted_on", sa.Date(), nullable=True))


def downgrade_main() -> None:
    op.drop_column("campaign", "ending_noted_on")
