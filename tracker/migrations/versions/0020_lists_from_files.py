"""Lists of signatories from files: imports, their sealed parts, and what they refused.

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
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
    numbers = ("rows", "done", "new", "here", "perhaps", "refused", "ambiguous", "kept")
    op.create_table(
        "signatory_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("encoding", sa.String(length=32), nullable=False),
        sa.Column("delimiter", sa.String(length=1), nullable=False),
        sa.Column("has_header", sa.Boolean(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("day_order", sa.String(length=32), nullable=False),
        sa.Column("appearance", sa.String(length=32), nullable=False),
        sa.Column("heading_hash", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("phase_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=32), nullable=False),
        sa.Column("problem_row", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_signatory_import_campaign_id")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_signatory_import_actor_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatory_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signatory_import_public_id")),
    )
    op.create_index(op.f("ix_signatory_import_campaign_id"), "signatory_import", ["campaign_id"])
    op.create_index(op.f("ix_signatory_import_state"), "signatory_import", ["state"])
    for name, column in (
        ("part", sa.Column("content", sa.LargeBinary(), nullable=False)),
        ("refusal", sa.Column("sealed", sa.Text(), nullable=False)),
    ):
        table = f"signatory_import_{name}"
        op.create_table(
            table,
            sa.Column("import_id", sa.Integer(), nullable=False),
            sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
            column,
            sa.ForeignKeyConstraint(
                ["import_id"], ["signatory_import.id"], name=op.f(f"fk_{table}_import_id"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("import_id", "number", name=op.f(f"pk_{table}")),
        )
    # As a statement: Alembic would build the table anew on SQLite, and its triggers (0013) would be gone.
    op.execute(
        "ALTER TABLE signatory ADD COLUMN import_id INTEGER CONSTRAINT fk_signatory_import_id "
        "REFERENCES signatory_import (id)"
    )
    op.add_column("signatory", sa.Column("row_key", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_signatory_import_id"), "signatory", ["import_id"])
    op.create_index("ix_signatory_campaign_id_row_key", "signatory", ["campaign_id", "row_key"])


def downgrade_main() -> None:
    op.drop_index("ix_signatory_campaign_id_row_key", table_name="signatory")
    op.drop_index(op.f("ix_signatory_import_id"), table_name="signatory")
    op.drop_column("signatory", "row_key")
    op.drop_column("signatory", "import_id")
    for table in ("signatory_import_refusal", "signatory_import_part", "signatory_import"):
        op.drop_table(table)
