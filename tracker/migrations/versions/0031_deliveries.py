"""Deliveries of a letter, and updates to its signers.

Revision: 0031, after 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
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


def _refers(table: str, column: str, to: str, then: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"), ondelete=then)


def upgrade_main() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("receiver", sa.String(length=255), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        _refers("delivery", "campaign_id", "campaign.id", "CASCADE"),
        _refers("delivery", "text_id", "campaign_text.id", "CASCADE"),
        _refers("delivery", "recorded_by_id", "account.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delivery_public_id")),
    )
    op.create_index(op.f("ix_delivery_campaign_id"), "delivery", ["campaign_id"])
    op.create_table(
        "signer_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=600), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        _refers("signer_update", "campaign_id", "campaign.id", "CASCADE"),
        _refers("signer_update", "actor_id", "account.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signer_update")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signer_update_public_id")),
    )
    op.create_index(op.f("ix_signer_update_campaign_id"), "signer_update", ["campaign_id"])
    op.create_index(op.f("ix_signer_update_state"), "signer_update", ["state"])


def downgrade_main() -> None:
    op.drop_table("signer_update")
    op.drop_table("delivery")
