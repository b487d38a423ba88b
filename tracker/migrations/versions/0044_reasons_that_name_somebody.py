"""A reason in the access record that names somebody can be emptied.

Revision: 0044, after 0043
"""

import sqlalchemy as sa
from alembic import op

from tracker.accounts import append_only

revision = "0044"
down_revision = "0043"
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
    op.add_column("access_record", sa.Column("blanked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "ALTER TABLE access_record ADD COLUMN blanked_by_id INTEGER CONSTRAINT fk_access_record_blanked_by_id "
        "REFERENCES account (id) ON DELETE SET NULL"
    )
    op.create_index(op.f("ix_access_record_blanked_by_id"), "access_record", ["blanked_by_id"])
    _guard(with_blanking=True)


def downgrade_main() -> None:
    _guard(with_blanking=False)
    op.drop_index(op.f("ix_access_record_blanked_by_id"), table_name="access_record")
    op.drop_column("access_record", "blanked_by_id")
    op.drop_column("access_record", "blanked_at")


def _guard(*, with_blanking: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER access_record_update")
        op.execute(append_only.guards(with_blanking=with_blanking)["sqlite"][0])
    else:
        op.execute(append_only.function(with_blanking=with_blanking))
