"""The address of a signatory's profile, sealed, and its keyed hash.

Revision: 0033, after 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
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
    op.add_column("signatory", sa.Column("link_sealed", sa.Text(), nullable=True))
    op.add_column("signatory", sa.Column("link_hash", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_signatory_campaign_id_link_hash"), "signatory", ["campaign_id", "link_hash"])


def downgrade_main() -> None:
    op.drop_index(op.f("ix_signatory_campaign_id_link_hash"), table_name="signatory")
    op.drop_column("signatory", "link_hash")
    op.drop_column("signatory", "link_sealed")
