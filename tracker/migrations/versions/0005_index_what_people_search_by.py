"""index what people search by.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
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
    op.create_table(
        "search_word",
        sa.Column(
            "word", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("length", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_word")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("search_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_word_length"), ["length"], unique=False)

    op.create_table(
        "search_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_search_document_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["timeline_entry.id"], name=op.f("fk_search_document_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_document")),
        sa.UniqueConstraint("record_type", "record_id", name=op.f("uq_search_document_record_type_record_id")),
    )
    with op.batch_alter_table("search_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_document_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_search_document_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "search_posting",
        sa.Column(
            "word", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["search_document.id"], name=op.f("fk_search_posting_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "document_id", "weight", name=op.f("pk_search_posting")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("search_posting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_posting_document_id"), ["document_id"], unique=False)


    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_changed_at", ["changed_at"], unique=False)
        batch_op.create_index(
            "ix_campaign_listed", ["visibility", "deleted_at", "kind", "stage", "began_on", "id"], unique=False
        )

    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.create_index(
            "ix_timeline_entry_campaign_id_recorded_at", ["campaign_id", "recorded_at"], unique=False
        )

    # From now on no entry is later than its campaign's last change; the list counts on it.
    latest = "(SELECT max(recorded_at) FROM timeline_entry WHERE timeline_entry.campaign_id = campaign.id)"
    op.execute(f"UPDATE campaign SET changed_at = {latest} WHERE changed_at < {latest}")


def downgrade_main() -> None:
    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_timeline_entry_campaign_id_recorded_at")

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_index("ix_campaign_listed")
        batch_op.drop_index("ix_campaign_changed_at")

    with op.batch_alter_table("search_posting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_posting_document_id"))

    op.drop_table("search_posting")
    with op.batch_alter_table("search_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_document_entry_id"))
        batch_op.drop_index(batch_op.f("ix_search_document_campaign_id"))

    op.drop_table("search_document")
    with op.batch_alter_table("search_word", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_word_length"))

    op.drop_table("search_word")
