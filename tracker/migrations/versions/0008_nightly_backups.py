"""remember each night's backup.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
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
        "backup_run",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_backup_run")),
    )


def downgrade_main() -> None:
    op.drop_table("backup_run")
