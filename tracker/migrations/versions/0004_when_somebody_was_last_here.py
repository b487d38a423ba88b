"""When somebody was last here; their shortcuts, and the hints they waved away.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
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
    op.create_table('dismissed_hint',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('hint', sa.String(length=40), nullable=False),
    sa.Column('dismissed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_dismissed_hint_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'hint', name=op.f('pk_dismissed_hint'))
    )
    # Not as a batch: SQLite would make the table anew, and nearly everything refers to it.
    op.add_column('account', sa.Column('last_here_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('account', sa.Column('shortcuts', sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade_main() -> None:
    op.drop_column('account', 'shortcuts')
    op.drop_column('account', 'last_here_at')
    op.drop_table('dismissed_hint')
