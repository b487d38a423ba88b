"""Codes on slips of paper, and receipt codes of those who signed with one.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
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
        "code_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_code_batch_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_batch_public_id")),
    )
    with op.batch_alter_table("code_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_code_batch_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "signing_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_signing_code_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_code")),
        sa.UniqueConstraint("campaign_id", "code_hash", name=op.f("uq_signing_code_campaign_id_code_hash")),
    )
    # Not in a batch: on SQLite that builds the table anew, and its triggers (0013) would be gone.
    op.add_column("signatory", sa.Column("receipt_mark", sa.String(length=64), nullable=True))
    op.create_index("uq_signatory_receipt_mark", "signatory", ["receipt_mark"], unique=True)


def downgrade_main() -> None:
    op.drop_index("uq_signatory_receipt_mark", table_name="signatory")
    op.drop_column("signatory", "receipt_mark")

    op.drop_table("signing_code")
    with op.batch_alter_table("code_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_code_batch_campaign_id"))

    op.drop_table("code_batch")
