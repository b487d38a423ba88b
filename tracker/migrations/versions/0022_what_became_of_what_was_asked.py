"""What became of what each campaign asks: kept by the database beside each change of an outcome, its entry or an ask.

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

LISTED_BEFORE = ["visibility", "deleted_at", "kind", "stage", "began_on", "merged_into_id", "id"]
LISTED_AFTER = [*LISTED_BEFORE[:-1], "fates_for_readers", "fates_for_members", "id"]
ASKED_ANEW = "fates_for_readers IS NULL"

# An outcome that stands, as `timeline.queries.standing` has it.
STANDS = (
    "e.deleted_at IS NULL AND e.redacted_at IS NULL AND NOT EXISTS (SELECT 1 FROM timeline_entry AS anew "
    "WHERE anew.corrects_id = e.id AND anew.kind = 'outcome' AND anew.deleted_at IS NULL)"
)
TOLD = "outcome AS o JOIN timeline_entry AS e ON e.id = o.entry_id"
OPENLY = "e.visibility IN ('public', 'signed_in')"
TO_MEMBERS = "e.visibility <> 'off_the_record'"
# Who reads of these is not told by the campaign: named readers, or everybody from a day on.
NAMED, DATED = "e.visibility = 'off_the_record'", f"{OPENLY} AND e.public_from IS NOT NULL"

# Of each ask, the latest that stands and is read by these; what nothing is known of is unanswered.
FATES = (
    "(SELECT coalesce({joined}, '') FROM (SELECT DISTINCT coalesce((SELECT o.status FROM {told} "
    "WHERE o.demand_id = d.id AND {stands} AND {read} "
    "ORDER BY e.occurred_on DESC, e.recorded_at DESC, e.id DESC LIMIT 1), 'unanswered') AS fate "
    "FROM demand AS d WHERE d.campaign_id = {id} AND d.deleted_at IS NULL ORDER BY 1) AS fates)"
)
ANY = (
    "EXISTS (SELECT 1 FROM {told} JOIN demand AS d ON d.id = o.demand_id "
    "WHERE d.campaign_id = {id} AND d.deleted_at IS NULL AND {stands} AND ({read}))"
)
KEPT = "UPDATE campaign SET fates_for_readers = {readers}, fates_for_members = {members} WHERE id = {id};"
WATCHED = {
    "demand": "campaign_id, deleted_at",
    "outcome": "campaign_id, demand_id, entry_id, status",
    "timeline_entry": "campaign_id, kind, visibility, public_from, deleted_at, redacted_at, corrects_id, "
    "occurred_on, recorded_at",
}


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


def kept(key: str, *, sqlite: bool) -> str:
    """The statement that writes both columns of one campaign, or of all."""
    common = {"told": TOLD, "stands": STANDS, "id": key}
    joined = "group_concat(fate)" if sqlite else "string_agg(fate, ',')"

    def fates(apart: str, read: str) -> str:
        exact = FATES.format(joined=joined, read=read, **common)
        return f"CASE WHEN {ANY.format(read=apart, **common)} THEN NULL ELSE {exact} END"

    return KEPT.format(readers=fates(f"{NAMED} OR {DATED}", OPENLY), members=fates(NAMED, TO_MEMBERS), id=key)


def upgrade_main() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("campaign", sa.Column("fates_for_readers", sa.Text(), server_default="", nullable=True))
    op.add_column("campaign", sa.Column("fates_for_members", sa.Text(), server_default="", nullable=True))
    op.execute(kept("campaign.id", sqlite=sqlite))
    op.drop_index("ix_campaign_listed", table_name="campaign")
    op.create_index("ix_campaign_listed", "campaign", LISTED_AFTER)
    where = sa.text(ASKED_ANEW)
    op.create_index("ix_campaign_fates_asked_anew", "campaign", ["id"], sqlite_where=where, postgresql_where=where)
    for statement in triggers_sqlite() if sqlite else triggers_postgresql():
        op.execute(statement)


def names() -> list[tuple[str, str, str, str]]:
    """(name, event, table, condition) of each trigger on SQLite; an entry matters if it tells of an outcome."""
    found = []
    for table, columns in WATCHED.items():
        is_entry = table == "timeline_entry"
        new, old = (f" WHEN {row}.kind = 'outcome'" if is_entry else "" for row in ("NEW", "OLD"))
        # A new entry matters before its outcome is written only if it takes the place of another.
        come = f"{new} AND NEW.corrects_id IS NOT NULL" if is_entry else ""
        either = " WHEN 'outcome' IN (NEW.kind, OLD.kind)" if is_entry else ""
        found += [
            (f"{table}_fates_come", "INSERT", table, come),
            (f"{table}_fates_changed", f"UPDATE OF {columns}", table, either),
            (f"{table}_fates_gone", "DELETE", table, old),
        ]
    return found


def triggers_sqlite() -> list[str]:
    new, old = kept("NEW.campaign_id", sqlite=True), kept("OLD.campaign_id", sqlite=True)
    moved = old.removesuffix(";") + " AND OLD.campaign_id <> NEW.campaign_id;"
    does = {"INSERT": new, "DELETE": old}
    return [
        f"CREATE TRIGGER {name} AFTER {event} ON {table}{condition} BEGIN {does.get(event, f'{new} {moved}')} END"
        for name, event, table, condition in names()
    ]


def triggers_postgresql() -> list[str]:
    # The row is locked first: whoever comes second counts what the first wrote.
    lock = "PERFORM 1 FROM campaign WHERE id = {key} FOR NO KEY UPDATE;"
    keys = ("NEW.campaign_id", "OLD.campaign_id")
    new, old = (lock.format(key=key) + kept(key, sqlite=False) for key in keys)
    return [
        "CREATE FUNCTION campaign_fates() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN {old} ELSE {new} END IF; "
        f"IF TG_OP = 'UPDATE' THEN IF OLD.campaign_id <> NEW.campaign_id THEN {old} END IF; END IF; "
        "RETURN NULL; END $$",
        *(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW"
            f"{condition.replace('WHEN ', 'WHEN (') + ')' if condition else ''} EXECUTE FUNCTION campaign_fates()"
            for name, event, table, condition in names()
        ),
    ]


def downgrade_main() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, _event, table, _condition in names():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
    if not sqlite:
        op.execute("DROP FUNCTION campaign_fates()")
    op.drop_index("ix_campaign_fates_asked_anew", table_name="campaign")
    op.drop_index("ix_campaign_listed", table_name="campaign")
    op.drop_column("campaign", "fates_for_members")
    op.drop_column("campaign", "fates_for_readers")
    op.create_index("ix_campaign_listed", "campaign", LISTED_BEFORE)
