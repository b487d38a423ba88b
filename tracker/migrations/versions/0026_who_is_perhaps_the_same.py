"""Who is perhaps the same: pairs of signatories, and how far the search for them is.

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MERGED = sa.text("merged_into_id IS NOT NULL")


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
    signatories = [
        sa.ForeignKeyConstraint(
            [f"{name}_id"], ["signatory.id"], name=op.f(f"fk_signatory_pair_{name}_id_signatory"), ondelete="CASCADE"
        )
        for name in ("one", "other", "merged")
    ]
    op.create_table(
        "signatory_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(length=32), nullable=False),
        sa.Column("likeness", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("merged_id", sa.Integer(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_signatory_pair_campaign_id_campaign"), ondelete="CASCADE"
        ),
        *signatories,
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_signatory_pair_decided_by_id_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatory_pair")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_signatory_pair_one_id_other_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signatory_pair_public_id")),
    )
    op.create_index("ix_signatory_pair_campaign_id", "signatory_pair", ["campaign_id", "state", "id"])
    op.create_index(op.f("ix_signatory_pair_other_id"), "signatory_pair", ["other_id"])
    op.create_index(op.f("ix_signatory_pair_merged_id"), "signatory_pair", ["merged_id"])
    op.create_table(
        "likeness_search",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("passes", "done", "found")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("looked_at", "looked_until")),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_likeness_search_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_likeness_search")),
    )
    # Who was merged into somebody is asked at each receipt, and each time a row goes.
    op.create_index(
        "ix_signatory_merged_into_id", "signatory", ["merged_into_id"], sqlite_where=MERGED, postgresql_where=MERGED
    )


def downgrade_main() -> None:
    op.drop_index("ix_signatory_merged_into_id", table_name="signatory")
    op.drop_table("likeness_search")
    op.drop_table("signatory_pair")
