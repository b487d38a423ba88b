"""Forms that were saved already, and a public name for each change.

Revision: 0003, after 0002
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BATCH = 5_000


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
    op.create_table(
        "saved_form",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("led_to", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_saved_form")),
    )
    op.create_index(op.f("ix_saved_form_saved_at"), "saved_form", ["saved_at"], unique=False)
    op.add_column("revision", sa.Column("public_id", sa.String(length=16), nullable=True))
    _name_revisions()
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.alter_column("public_id", existing_type=sa.String(length=16), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_revision_public_id"), ["public_id"])


def downgrade_main() -> None:
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_revision_public_id"), type_="unique")
        batch_op.drop_column("public_id")
    op.drop_index(op.f("ix_saved_form_saved_at"), table_name="saved_form")
    op.drop_table("saved_form")


def _name_revisions() -> None:
    connection = op.get_bind()
    revision_table = sa.table("revision", sa.column("id"), sa.column("public_id"))
    nameless = sa.select(revision_table.c.id).where(revision_table.c.public_id.is_(None)).limit(BATCH)
    give = (
        sa.update(revision_table)
        .where(revision_table.c.id == sa.bindparam("row"))
        .values(public_id=sa.bindparam("name"))
    )
    while ids := connection.execute(nameless).scalars().all():
        connection.execute(give, [{"row": number, "name": secrets.token_urlsafe(12)} for number in ids])
