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
    by = sa.ForeignKey("account.id", name="fk_access_record_blanked_by_id", ondelete="SET NULL")
    # On SQLite the table is written anew, and its guards with it; its rows stay.
    with op.batch_alter_table("access_record", recreate="auto") as table:
        table.add_column(sa.Column("blanked_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("blanked_by_id", sa.Integer(), by, nullable=True))
    op.create_index(op.f("ix_access_record_blanked_by_id"), "access_record", ["blanked_by_id"])
    _guard(with_blanking=True)


def downgrade_main() -> None:
    op.drop_index(op.f("ix_access_record_blanked_by_id"), table_name="access_record")
    if op.get_bind().dialect.name == "postgresql":
        _guard(with_blanking=False)
    with op.batch_alter_table("access_record", recreate="auto") as table:
        table.drop_constraint("fk_access_record_blanked_by_id", type_="foreignkey")
        table.drop_column("blanked_by_id")
        table.drop_column("blanked_at")
    if op.get_bind().dialect.name == "sqlite":
        _guard(with_blanking=False)


def _guard(*, with_blanking: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, statement in zip(
            ("access_record_update", "access_record_delete"),
            append_only.guards(with_blanking=with_blanking)["sqlite"],
            strict=True,
        ):
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
            op.execute(statement)
    else:
        op.execute(append_only.function(with_blanking=with_blanking))
