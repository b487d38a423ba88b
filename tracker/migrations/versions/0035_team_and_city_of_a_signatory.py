"""Team and city of a signatory, and whether the form asks for them.

Revision: 0035, after 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
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
    for name in ("team", "city"):
        op.add_column("signatory", sa.Column(name, sa.Text(), server_default="", nullable=False))
        op.add_column("signatory", sa.Column(f"{name}_sealed", sa.Text(), nullable=True))
        op.add_column("signing", sa.Column(name, sa.String(length=32), server_default="hidden", nullable=False))


def downgrade_main() -> None:
    for name in ("city", "team"):
        op.drop_column("signing", name)
        op.drop_column("signatory", f"{name}_sealed")
        op.drop_column("signatory", name)
