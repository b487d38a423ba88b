"""Signatures by work domain are counted with the other numbers that outsiders read, where domains were allowed.

Revision: 0046, after 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

BREAKDOWN = sa.table(
    "breakdown",
    sa.column("campaign_id"),
    sa.column("dimension"),
    sa.column("is_public", sa.Boolean()),
    sa.column("people"),
    sa.column("groups"),
    sa.column("is_held", sa.Boolean()),
    sa.column("version"),
)
AT_WORK = sa.text("work_domain IS NOT NULL")
SIGNING = sa.table("signing", sa.column("campaign_id"), sa.column("work_domains", sa.Text()))


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
    op.drop_index("ix_signatory_work_domain", table_name="signatory")
    allowed = sa.select(
        SIGNING.c.campaign_id,
        sa.literal("work_domain"),
        sa.true(),
        sa.literal(0),
        sa.literal(""),
        sa.false(),
        sa.literal(1),
    ).where(SIGNING.c.work_domains != "")
    op.execute(sa.insert(BREAKDOWN).from_select([column.name for column in BREAKDOWN.c], allowed))


def downgrade_main() -> None:
    op.create_index(
        "ix_signatory_work_domain",
        "signatory",
        ["campaign_id", "work_domain"],
        sqlite_where=AT_WORK,
        postgresql_where=AT_WORK,
    )
    op.execute(sa.delete(BREAKDOWN).where(BREAKDOWN.c.dimension == "work_domain"))
