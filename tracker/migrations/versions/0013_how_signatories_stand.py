"""How signatories stand, and how many: kept by the database beside each change of a signature.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PRESENT = "deleted_at IS NULL AND merged_into_id IS NULL"
COUNTED = "campaign_id", "kind", "stands_as", "shown_as"

# The newest signature of a signatory, as the signatory's own row says it.
NEWEST_SQLITE = (
    "UPDATE signatory SET (stands_as, shown_as, stands_on) = (SELECT status, appearance, "
    "coalesce(signed_on, date(recorded_at)) FROM signature WHERE signatory_id = {id} ORDER BY id DESC LIMIT 1) "
    "WHERE id = {id};"
)
NEWEST_POSTGRESQL = (
    "UPDATE signatory SET (stands_as, shown_as, stands_on) = (SELECT status, appearance, "
    "coalesce(signed_on, (recorded_at AT TIME ZONE 'UTC')::date) FROM signature WHERE signatory_id = {id} "
    "ORDER BY id DESC LIMIT 1) WHERE id = {id};"
)
CHANGE = (
    "INSERT INTO signatory_tally (campaign_id, kind, stands_as, shown_as, number) "
    "SELECT {row}.campaign_id, {row}.kind, {row}.stands_as, {row}.shown_as, {number} "
    "WHERE {row}.stands_as IS NOT NULL AND {row}.deleted_at IS NULL AND {row}.merged_into_id IS NULL;"
)
LESS, MORE = CHANGE.format(row="OLD", number=-1), CHANGE.format(row="NEW", number=1)
WATCHED = ("campaign_id", "kind", "stands_as", "shown_as", "deleted_at", "merged_into_id")


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
    op.add_column("signatory", sa.Column("stands_as", sa.String(length=32), nullable=True))
    op.add_column("signatory", sa.Column("shown_as", sa.String(length=32), nullable=True))
    op.add_column("signatory", sa.Column("stands_on", sa.Date(), nullable=True))
    op.create_table(
        "signatory_tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("stands_as", sa.String(length=32), nullable=False),
        sa.Column("shown_as", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_signatory_tally_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatory_tally")),
    )
    op.create_index(op.f("ix_signatory_tally_campaign_id"), "signatory_tally", ["campaign_id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    day = "date(s.recorded_at)" if sqlite else "(s.recorded_at AT TIME ZONE 'UTC')::date"
    op.execute(
        "UPDATE signatory SET stands_as = s.status, shown_as = s.appearance, stands_on = coalesce(s.signed_on, "
        f"{day}) FROM signature AS s WHERE s.signatory_id = signatory.id AND s.id = "
        "(SELECT max(id) FROM signature WHERE signatory_id = signatory.id)"
    )
    op.execute(
        "INSERT INTO signatory_tally (campaign_id, kind, stands_as, shown_as, number) "
        "SELECT campaign_id, kind, stands_as, shown_as, count(*) FROM signatory "
        f"WHERE stands_as IS NOT NULL AND {PRESENT} GROUP BY campaign_id, kind, stands_as, shown_as"
    )
    for name, key in (("ix_signatory_by_name", "sort_text"), ("ix_signatory_by_day", "stands_on")):
        columns = ["campaign_id", key, "id", "stands_as", "shown_as", "kind"]
        op.create_index(name, "signatory", columns, sqlite_where=sa.text(PRESENT), postgresql_where=sa.text(PRESENT))
    op.create_index("ix_signature_signatory_id", "signature", ["signatory_id", "id"])
    op.create_index("ix_signature_campaign_id", "signature", ["campaign_id", "id"])
    for statement in triggers_sqlite() if sqlite else triggers_postgresql():
        op.execute(statement)


def triggers_sqlite() -> list[str]:
    new, old = NEWEST_SQLITE.format(id="NEW.signatory_id"), NEWEST_SQLITE.format(id="OLD.signatory_id")
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in WATCHED)
    told = "status, appearance, signed_on, recorded_at, signatory_id"
    return [
        f"CREATE TRIGGER signature_given AFTER INSERT ON signature BEGIN {new} END",
        f"CREATE TRIGGER signature_changed AFTER UPDATE OF {told} ON signature BEGIN {new} END",
        "CREATE TRIGGER signature_moved AFTER UPDATE OF signatory_id ON signature "
        f"WHEN OLD.signatory_id <> NEW.signatory_id BEGIN {old} END",
        f"CREATE TRIGGER signature_gone AFTER DELETE ON signature BEGIN {old} END",
        f"CREATE TRIGGER signatory_come AFTER INSERT ON signatory BEGIN {MORE} END",
        f"CREATE TRIGGER signatory_changed AFTER UPDATE ON signatory WHEN {differs} BEGIN {LESS} {MORE} END",
        f"CREATE TRIGGER signatory_gone AFTER DELETE ON signatory BEGIN {LESS} END",
    ]


def triggers_postgresql() -> list[str]:
    new, old = NEWEST_POSTGRESQL.format(id="NEW.signatory_id"), NEWEST_POSTGRESQL.format(id="OLD.signatory_id")
    differs = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in WATCHED)
    told = "status, appearance, signed_on, recorded_at, signatory_id"
    return [
        "CREATE FUNCTION signature_stands() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'DELETE' THEN {new} END IF; "
        f"IF TG_OP = 'DELETE' THEN {old} ELSIF TG_OP = 'UPDATE' THEN "
        f"IF OLD.signatory_id <> NEW.signatory_id THEN {old} END IF; END IF; RETURN NULL; END $$",
        f"CREATE TRIGGER signature_stands AFTER INSERT OR DELETE OR UPDATE OF {told} ON signature "
        "FOR EACH ROW EXECUTE FUNCTION signature_stands()",
        "CREATE FUNCTION signatory_counts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {LESS} END IF; IF TG_OP <> 'DELETE' THEN {MORE} END IF; RETURN NULL; END $$",
        "CREATE TRIGGER signatory_come_or_gone AFTER INSERT OR DELETE ON signatory "
        "FOR EACH ROW EXECUTE FUNCTION signatory_counts()",
        "CREATE TRIGGER signatory_changed AFTER UPDATE ON signatory "
        f"FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION signatory_counts()",
    ]


def downgrade_main() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in (
            "signature_given",
            "signature_changed",
            "signature_moved",
            "signature_gone",
            "signatory_come",
            "signatory_changed",
            "signatory_gone",
        ):
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER signature_stands ON signature")
        op.execute("DROP TRIGGER signatory_come_or_gone ON signatory")
        op.execute("DROP TRIGGER signatory_changed ON signatory")
        op.execute("DROP FUNCTION signature_stands()")
        op.execute("DROP FUNCTION signatory_counts()")
    op.drop_index("ix_signature_campaign_id", table_name="signature")
    op.drop_index("ix_signature_signatory_id", table_name="signature")
    op.drop_index("ix_signatory_by_day", table_name="signatory")
    op.drop_index("ix_signatory_by_name", table_name="signatory")
    op.drop_table("signatory_tally")
    for column in ("stands_on", "shown_as", "stands_as"):
        op.drop_column("signatory", column)
