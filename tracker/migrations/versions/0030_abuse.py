"""Who is kept out of signing, and signatures that were found invalid together.

Revision: 0030, after 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
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


def _campaign(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_campaign_id")
    return sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=name, ondelete="CASCADE")


def _account(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], ["account.id"], name=name, ondelete="SET NULL")


def upgrade_main() -> None:
    op.create_table(
        "signing_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        _campaign("signing_block"),
        _account("signing_block", "created_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_block")),
        sa.UniqueConstraint("campaign_id", "kind", "value", name=op.f("uq_signing_block_campaign_id_kind_value")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signing_block_public_id")),
    )
    op.create_table(
        "signature_sweep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provenance", sa.String(length=32), nullable=True),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("found", "looked_at", "to_look_at", "done")),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        _campaign("signature_sweep"),
        _account("signature_sweep", "actor_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_sweep")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signature_sweep_public_id")),
    )
    op.create_index(op.f("ix_signature_sweep_campaign_id"), "signature_sweep", ["campaign_id"])
    op.create_index(op.f("ix_signature_sweep_state"), "signature_sweep", ["state"])
    # As a statement: Alembic would build the table anew on SQLite, and its triggers (0013) would be gone.
    op.execute(
        "ALTER TABLE signature ADD COLUMN sweep_id INTEGER CONSTRAINT fk_signature_sweep_id "
        "REFERENCES signature_sweep (id)"
    )
    op.create_index(op.f("ix_signature_sweep_id"), "signature", ["sweep_id"])


def downgrade_main() -> None:
    op.drop_index(op.f("ix_signature_sweep_id"), table_name="signature")
    op.drop_column("signature", "sweep_id")
    op.drop_table("signature_sweep")
    op.drop_table("signing_block")
