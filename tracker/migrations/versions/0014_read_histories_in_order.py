"""An index that holds a history in its order, with what decides who may read an entry and what its filters count.

Revision: 0014, after 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = [
    "campaign_id",
    "occurred_on",
    "recorded_at",
    "id",
    "visibility",
    "kind",
    "actor_id",
    "public_from",
    "deleted_at",
]


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
    op.create_index("ix_timeline_entry_history", "timeline_entry", COLUMNS)
    op.drop_index("ix_timeline_entry_campaign_id_occurred_on", table_name="timeline_entry")


def downgrade_main() -> None:
    op.create_index("ix_timeline_entry_campaign_id_occurred_on", "timeline_entry", ["campaign_id", "occurred_on"])
    op.drop_index("ix_timeline_entry_history", table_name="timeline_entry")
