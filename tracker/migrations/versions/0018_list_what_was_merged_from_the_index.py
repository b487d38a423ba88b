"""The index of the list holds whether another campaign stands for one: its facets are counted without reading rows.

Revision: 0018, after 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = ["visibility", "deleted_at", "kind", "stage", "began_on", "id"]
AFTER = ["visibility", "deleted_at", "kind", "stage", "began_on", "merged_into_id", "id"]


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
    op.drop_index("ix_campaign_listed", table_name="campaign")
    op.create_index("ix_campaign_listed", "campaign", AFTER)


def downgrade_main() -> None:
    op.drop_index("ix_campaign_listed", table_name="campaign")
    op.create_index("ix_campaign_listed", "campaign", BEFORE)
