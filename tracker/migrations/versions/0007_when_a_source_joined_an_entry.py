"""when a source joined an entry.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# When each source that was added later was added: the one moment kept until now is in the entry's Revisions.
BACKFILL = """
UPDATE entry_source SET added_at = (
    SELECT MIN(revision.recorded_at) FROM revision JOIN source ON source.id = entry_source.source_id
    WHERE revision.record_type = 'timeline_entry' AND revision.record_id = entry_source.entry_id
      AND revision.field = 'sources' AND revision.new_value = source.citation
)
"""


def upgrade(engine_name: str) -> None:
    """Bring one database up to this revision."""
    {"main": upgrade_main, "keys": lambda: None}[engine_name]()


def downgrade(engine_name: str) -> None:
    """Take one database back to the revision before."""
    {"main": downgrade_main, "keys": lambda: None}[engine_name]()


def upgrade_main() -> None:
    with op.batch_alter_table("entry_source") as batch:
        batch.add_column(sa.Column("added_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(BACKFILL)


def downgrade_main() -> None:
    with op.batch_alter_table("entry_source") as batch:
        batch.drop_column("added_at")
