"""Signing on a campaign's page: what is asked, who has to confirm, and who signed for an organisation.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
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
        "signing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("affiliation", sa.String(length=32), nullable=False),
        sa.Column("takes_organisations", sa.Boolean(), nullable=False),
        sa.Column("offers_updates", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_signing_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_signing_campaign_id")),
    )
    op.create_table(
        "signing_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("said_sealed", sa.Text(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_signing_request_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["text_id"], ["campaign_text.id"], name=op.f("fk_signing_request_text_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_request")),
        sa.UniqueConstraint("campaign_id", "digest", name=op.f("uq_signing_request_campaign_id_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signing_request_public_id")),
    )
    with op.batch_alter_table("signing_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_request_address_hash"), ["address_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_signing_request_expires_at"), ["expires_at"], unique=False)

    # Not in a batch: on SQLite that builds the table anew, and its triggers (0013) would be gone.
    op.add_column("signatory", sa.Column("through_sealed", sa.Text(), nullable=True))


def downgrade_main() -> None:
    op.drop_column("signatory", "through_sealed")

    with op.batch_alter_table("signing_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_request_expires_at"))
        batch_op.drop_index(batch_op.f("ix_signing_request_address_hash"))

    op.drop_table("signing_request")
    op.drop_table("signing")
