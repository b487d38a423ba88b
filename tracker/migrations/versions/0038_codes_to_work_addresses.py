"""Codes to work addresses: at which domains, which can still be used, which addresses signed, and from where.

Revision: 0038, after 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

AT_WORK = sa.text("work_domain IS NOT NULL")
OF_CODES = sa.text("kind = 'work_code'")


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
    op.add_column("signing", sa.Column("work_domains", sa.Text(), server_default="", nullable=False))
    op.add_column("signatory", sa.Column("work_domain", sa.String(255), nullable=True))
    op.create_index(
        "ix_signatory_work_domain",
        "signatory",
        ["campaign_id", "work_domain"],
        sqlite_where=AT_WORK,
        postgresql_where=AT_WORK,
    )
    op.create_index("ix_email_work_code", "email", ["created_at"], sqlite_where=OF_CODES, postgresql_where=OF_CODES)
    op.create_table(
        "work_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("email_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_work_code_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["email_id"], ["email.id"], name=op.f("fk_work_code_email_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_code")),
        sa.UniqueConstraint("campaign_id", "code_hash", name=op.f("uq_work_code_campaign_id_code_hash")),
    )
    op.create_index(op.f("ix_work_code_email_id"), "work_code", ["email_id"])
    op.create_index(op.f("ix_work_code_expires_at"), "work_code", ["expires_at"])
    op.create_table(
        "work_signer",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_work_signer_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "address_hash", name=op.f("pk_work_signer")),
        # No row number: it would tell the order in which they signed.
        sqlite_with_rowid=False,
    )


def downgrade_main() -> None:
    op.drop_table("work_signer")
    op.drop_table("work_code")
    op.drop_index("ix_email_work_code", table_name="email")
    op.drop_index("ix_signatory_work_domain", table_name="signatory")
    op.drop_column("signatory", "work_domain")
    op.drop_column("signing", "work_domains")
