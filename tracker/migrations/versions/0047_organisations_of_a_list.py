"""Which organisations an import made known; until now that was told by the moment at which they were made.

Revision: 0047, after 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

TABLE = "signatory_import_organisation"


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
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["signatory_import.id"], name=op.f(f"fk_{TABLE}_import_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f(f"fk_{TABLE}_organisation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("import_id", "organisation_id", name=op.f(f"uq_{TABLE}_import_id_organisation_id")),
    )
    op.create_index(op.f(f"ix_{TABLE}_organisation_id"), TABLE, ["organisation_id"])
    # They were made in the very transaction in which their signatory was. Few signatories are organisations, and an
    # index has them: a million people are not looked at.
    op.execute(
        f"INSERT INTO {TABLE} (import_id, organisation_id) "  # noqa: S608 - the name above
        "SELECT DISTINCT s.import_id, o.id FROM organisation AS o "
        "JOIN signatory AS s ON s.organisation_id = o.id AND s.created_at = o.created_at WHERE s.import_id IS NOT NULL"
    )


def downgrade_main() -> None:
    op.drop_table(TABLE)
