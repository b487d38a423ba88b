"""When a campaign's people were forgotten, what is left of a receipt then, and room for the keys of files.

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade(engine_name: str) -> None:
    """Bring one database up to this revision."""
    {"main": upgrade_main, "keys": upgrade_keys}[engine_name]()


def downgrade(engine_name: str) -> None:
    """Take one database back to the revision before."""
    {"main": downgrade_main, "keys": downgrade_keys}[engine_name]()


def upgrade_keys() -> None:
    with op.batch_alter_table("campaign_key") as table:
        table.alter_column("campaign", type_=sa.String(length=32), existing_type=sa.String(length=16))


def downgrade_keys() -> None:
    op.execute("DELETE FROM campaign_key WHERE length(campaign) > 16")  # files sealed since cannot be opened any more
    with op.batch_alter_table("campaign_key") as table:
        table.alter_column("campaign", type_=sa.String(length=16), existing_type=sa.String(length=32))


def upgrade_main() -> None:
    # Not as a batch: SQLite would make the tables anew, others refer to them, and triggers (0013) would be gone.
    op.add_column("campaign", sa.Column("look_up_ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaign", sa.Column("people_forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("signatory", sa.Column("kept_mark", sa.String(length=64), nullable=True))


def downgrade_main() -> None:
    op.drop_column("signatory", "kept_mark")
    op.drop_column("campaign", "people_forgotten_at")
    op.drop_column("campaign", "look_up_ended_at")
