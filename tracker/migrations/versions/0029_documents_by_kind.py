"""What is found, by kind: what names a campaign is looked up without reading all that has a common word.

Revision: 0029, after 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"
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
    op.create_index("ix_search_document_kind", "search_document", ["kind", "campaign_id", "record_id"])


def downgrade_main() -> None:
    op.drop_index("ix_search_document_kind", table_name="search_document")
