"""Organisations that were found to be one, or different ones.

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
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
        "organisation_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"], ["organisation.id"], name=op.f(f"fk_organisation_merge_{name}_id_organisation")
            )
            for name in ("kept", "merged")
        ),
        sa.ForeignKeyConstraint(
            ["merged_by_id"],
            ["account.id"],
            name=op.f("fk_organisation_merge_merged_by_id_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_merge")),
        sa.UniqueConstraint("public_id", name=op.f("uq_organisation_merge_public_id")),
    )
    for name in ("kept", "merged"):
        op.create_index(op.f(f"ix_organisation_merge_{name}_id"), "organisation_merge", [f"{name}_id"])
    op.create_table(
        "organisation_difference",
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                ["organisation.id"],
                name=op.f(f"fk_organisation_difference_{name}_id_organisation"),
                ondelete="CASCADE",
            )
            for name in ("one", "other")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["account.id"],
            name=op.f("fk_organisation_difference_decided_by_id_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_organisation_difference")),
    )


def downgrade_main() -> None:
    op.drop_table("organisation_difference")
    op.drop_table("organisation_merge")
