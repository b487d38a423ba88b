"""Relations: campaigns merged, linked and mentioned; issue areas merged.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
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
    op.create_table('issue_merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('issue_id', sa.Integer(), nullable=False),
    sa.Column('into_id', sa.Integer(), nullable=False),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('merged_by_id', sa.Integer(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.CheckConstraint('issue_id <> into_id', name=op.f('ck_issue_merge_two_issues')),
    sa.ForeignKeyConstraint(['into_id'], ['issue.id'], name=op.f('fk_issue_merge_into_id')),
    sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_issue_merge_issue_id')),
    sa.ForeignKeyConstraint(['merged_by_id'], ['account.id'], name=op.f('fk_issue_merge_merged_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['undone_by_id'], ['account.id'], name=op.f('fk_issue_merge_undone_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_issue_merge')),
    sa.UniqueConstraint('public_id', name=op.f('uq_issue_merge_public_id'))
    )
    with op.batch_alter_table('issue_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_issue_merge_into_id'), ['into_id'], unique=False)
        batch_op.create_index('uq_issue_merge_issue_id_while_it_lasts', ['issue_id'], unique=True, sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))

    op.create_table('issue_merge_campaign',
    sa.Column('merge_id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('bore_both', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_issue_merge_campaign_campaign_id')),
    sa.ForeignKeyConstraint(['merge_id'], ['issue_merge.id'], name=op.f('fk_issue_merge_campaign_merge_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('merge_id', 'campaign_id', name=op.f('pk_issue_merge_campaign'))
    )
    with op.batch_alter_table('issue_merge_campaign', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_issue_merge_campaign_campaign_id'), ['campaign_id'], unique=False)

    op.create_table('campaign_mention',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['timeline_entry.id'], name=op.f('fk_campaign_mention_entry_id')),
    sa.ForeignKeyConstraint(['other_id'], ['campaign.id'], name=op.f('fk_campaign_mention_other_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign_mention')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_campaign_mention_entry_id'))
    )
    with op.batch_alter_table('campaign_mention', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_campaign_mention_other_id'), ['other_id'], unique=False)

    op.create_table('campaign_merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('into_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('merged_by_id', sa.Integer(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.CheckConstraint('campaign_id <> into_id', name=op.f('ck_campaign_merge_two_campaigns')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_campaign_merge_campaign_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['timeline_entry.id'], name=op.f('fk_campaign_merge_entry_id')),
    sa.ForeignKeyConstraint(['into_id'], ['campaign.id'], name=op.f('fk_campaign_merge_into_id')),
    sa.ForeignKeyConstraint(['merged_by_id'], ['account.id'], name=op.f('fk_campaign_merge_merged_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['undone_by_id'], ['account.id'], name=op.f('fk_campaign_merge_undone_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign_merge')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_campaign_merge_entry_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_campaign_merge_public_id'))
    )
    with op.batch_alter_table('campaign_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_campaign_merge_into_id'), ['into_id'], unique=False)
        batch_op.create_index('uq_campaign_merge_campaign_id_while_it_lasts', ['campaign_id'], unique=True, sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))

    with op.batch_alter_table('campaign', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_campaign_merged_into_id'), ['merged_into_id'], unique=False)

    with op.batch_alter_table("campaign_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(op.f("ck_campaign_link_two_campaigns"), "from_id <> to_id")

    # Not as a batch: SQLite would make the table anew, and campaigns refer to it.
    op.add_column("issue", sa.Column("is_open", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade_main() -> None:
    op.drop_column("issue", "is_open")
    with op.batch_alter_table("campaign_link", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_campaign_link_two_campaigns"), type_="check")
        batch_op.drop_column("removed_at")

    with op.batch_alter_table('campaign', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_campaign_merged_into_id'))

    with op.batch_alter_table('campaign_merge', schema=None) as batch_op:
        batch_op.drop_index('uq_campaign_merge_campaign_id_while_it_lasts', sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_campaign_merge_into_id'))

    op.drop_table('campaign_merge')
    with op.batch_alter_table('campaign_mention', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_campaign_mention_other_id'))

    op.drop_table('campaign_mention')
    with op.batch_alter_table('issue_merge_campaign', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_issue_merge_campaign_campaign_id'))

    op.drop_table('issue_merge_campaign')
    with op.batch_alter_table('issue_merge', schema=None) as batch_op:
        batch_op.drop_index('uq_issue_merge_issue_id_while_it_lasts', sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_issue_merge_into_id'))

    op.drop_table('issue_merge')

