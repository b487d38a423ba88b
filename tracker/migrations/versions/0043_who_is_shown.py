"""Who is shown to outsiders, found by name; and of a delivery, how many signed an earlier text.

Revision: 0043, after 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

SHOWN = (
    "deleted_at IS NULL AND merged_into_id IS NULL AND stands_as IN ('confirmed', 'listed') AND shown_as = '{appearance}'"
)


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
    for name, columns, appearance in (
        ("ix_signatory_named", ["campaign_id", "kind", "sort_text", "public_id"], "named"),
        ("ix_signatory_initials", ["campaign_id", "public_id"], "initials"),
    ):
        where = sa.text(SHOWN.format(appearance=appearance))
        op.create_index(name, "signatory", columns, sqlite_where=where, postgresql_where=where)
    op.add_column("delivery", sa.Column("number_earlier", sa.Integer(), nullable=True))


def downgrade_main() -> None:
    op.drop_column("delivery", "number_earlier")
    op.drop_index("ix_signatory_initials", table_name="signatory")
    op.drop_index("ix_signatory_named", table_name="signatory")
