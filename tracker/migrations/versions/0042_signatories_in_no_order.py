"""An index by which exports read signatories in an order that tells nothing.

Revision: 0042, after 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

WHERE = sa.text("deleted_at IS NULL AND merged_into_id IS NULL")
PRESENT = {"sqlite_where": WHERE, "postgresql_where": WHERE}


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
    op.create_index("ix_signatory_campaign_id_public_id", "signatory", ["campaign_id", "public_id"], **PRESENT)


def downgrade_main() -> None:
    op.drop_index("ix_signatory_campaign_id_public_id", table_name="signatory")
