"""since when a mail is tried.

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
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
    with op.batch_alter_table("email", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_tried_at", sa.DateTime(timezone=True), nullable=True))
    # What was tried already was counted from when it was written.
    op.execute("UPDATE email SET first_tried_at = created_at WHERE attempts > 0")


def downgrade_main() -> None:
    with op.batch_alter_table("email", schema=None) as batch_op:
        batch_op.drop_column("first_tried_at")
