"""What was told to whom: one key, and no other number to look up.

Revision: 0040, after 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
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
    _keep()
    op.create_table(
        "digest_item",
        sa.Column("subscriber_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["timeline_entry.id"], name=op.f("fk_digest_item_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_digest_item_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "entry_id", name=op.f("pk_digest_item")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_digest_item_entry_id"), "digest_item", ["entry_id"])
    _put_back()


def downgrade_main() -> None:
    _keep()
    op.create_table(
        "digest_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digest.id"], name=op.f("fk_digest_item_digest_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["timeline_entry.id"], name=op.f("fk_digest_item_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_digest_item_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_item")),
        sa.UniqueConstraint("subscriber_id", "entry_id", name=op.f("uq_digest_item_subscriber_id_entry_id")),
    )
    op.create_index(op.f("ix_digest_item_digest_id"), "digest_item", ["digest_id"])
    op.create_index(op.f("ix_digest_item_entry_id"), "digest_item", ["entry_id"])
    _put_back()


def _keep() -> None:
    op.execute("CREATE TABLE digest_item_kept AS SELECT subscriber_id, entry_id, digest_id FROM digest_item")
    op.drop_table("digest_item")


def _put_back() -> None:
    op.execute(
        "INSERT INTO digest_item (subscriber_id, entry_id, digest_id) "
        "SELECT subscriber_id, entry_id, digest_id FROM digest_item_kept ORDER BY subscriber_id, entry_id"
    )
    op.drop_table("digest_item_kept")
