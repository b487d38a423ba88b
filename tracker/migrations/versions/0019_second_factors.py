"""Second factors: the newest step used, and since when.

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
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
    op.add_column("account", sa.Column("tf_last_step", sa.BigInteger(), nullable=True))
    op.add_column("account", sa.Column("tf_since", sa.DateTime(timezone=True), nullable=True))


def downgrade_main() -> None:
    op.drop_column("account", "tf_since")
    op.drop_column("account", "tf_last_step")
