"""Which entry tells of a delivery or of news to signers, and which stored mails hold the news.

Revision: 0032, after 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None
TOLD = ("delivery", "signer_update")


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
    for table in TOLD:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN entry_id INTEGER CONSTRAINT fk_{table}_entry_id "
            "REFERENCES timeline_entry (id)"
        )
        op.create_index(op.f(f"ix_{table}_entry_id"), table, ["entry_id"])
    # Deliveries recorded before: the entry of the same moment that names the receiver.
    op.execute(
        "UPDATE delivery SET entry_id = (SELECT max(timeline_entry.id) FROM timeline_entry "
        "WHERE timeline_entry.campaign_id = delivery.campaign_id "
        "AND timeline_entry.recorded_at = delivery.recorded_at AND delivery.receiver <> '' "
        "AND (timeline_entry.headline LIKE '%' || delivery.receiver || '%' "
        "OR timeline_entry.words LIKE '%' || delivery.receiver || '%'))"
    )
    op.create_table(
        "signer_update_body",
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["update_id"], ["signer_update.id"], name=op.f("fk_signer_update_body_update_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["email_body.id"], name=op.f("fk_signer_update_body_body_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("update_id", "body_id", name=op.f("pk_signer_update_body")),
    )


def downgrade_main() -> None:
    op.drop_table("signer_update_body")
    for table in TOLD:
        op.drop_index(op.f(f"ix_{table}_entry_id"), table_name=table)
        op.drop_column(table, "entry_id")
