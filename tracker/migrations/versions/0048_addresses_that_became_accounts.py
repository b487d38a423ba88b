"""Into which subscriber one was merged: what an address followed without an account is the account's that has it now.

Revision: 0048, after 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
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
    into = sa.ForeignKey("subscriber.id", name="fk_subscriber_merged_into_id", ondelete="SET NULL")
    # Added in place on SQLite too: a table that digests belong to is not written anew.
    op.add_column("subscriber", sa.Column("merged_into_id", sa.Integer(), into, nullable=True), inline_references=True)
    op.create_index(op.f("ix_subscriber_merged_into_id"), "subscriber", ["merged_into_id"])


def downgrade_main() -> None:
    op.drop_index(op.f("ix_subscriber_merged_into_id"), table_name="subscriber")
    op.drop_column("subscriber", "merged_into_id")
