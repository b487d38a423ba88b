"""Hash keys that outlive their DATA_KEY.

Revision: 0024, after 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade(engine_name: str) -> None:
    """Bring one database up to this revision."""
    {"main": upgrade_main, "keys": upgrade_keys}[engine_name]()


def downgrade(engine_name: str) -> None:
    """Take one database back to the revision before."""
    {"main": downgrade_main, "keys": downgrade_keys}[engine_name]()


def upgrade_keys() -> None:
    op.create_table(
        "retired_hash_key",
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("hash_key", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_retired_hash_key")),
    )


def downgrade_keys() -> None:
    op.drop_table("retired_hash_key")


def upgrade_main() -> None:
    pass


def downgrade_main() -> None:
    pass
