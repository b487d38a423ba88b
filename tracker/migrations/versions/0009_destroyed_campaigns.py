"""When the bin destroyed a campaign.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
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
    # Not as a batch: SQLite would make the table anew, and campaigns refer to it.
    op.add_column("campaign", sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade_main() -> None:
    op.drop_column("campaign", "destroyed_at")
