"""Count many signatories at once: on PostgreSQL once a statement, and nowhere write what a row says already.

Revision: 0021, after 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

PRESENT = "stands_as IS NOT NULL AND deleted_at IS NULL AND merged_into_id IS NULL"
DAY = {"sqlite": "date({row}recorded_at)", "postgresql": "({row}recorded_at AT TIME ZONE 'UTC')::date"}
NEWEST = (
    "UPDATE signatory SET (stands_as, shown_as, stands_on) = (SELECT status, appearance, coalesce(signed_on, {day}) "
    "FROM signature WHERE signatory_id = signatory.id ORDER BY id DESC LIMIT 1) WHERE id {which};"
)
SAYS_SO = "p.stands_as {same} {row}.status AND p.shown_as {same} {row}.appearance AND p.stands_on {same} {day}"


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
    if op.get_bind().dialect.name == "sqlite":
        _run("DROP TRIGGER signature_given", _given_sqlite(only_others=True))
        return
    day = DAY["postgresql"]
    says_so = SAYS_SO.format(same="IS NOT DISTINCT FROM", row="g", day=f"coalesce(g.signed_on, {day.format(row='g.')})")
    others = f"SELECT p.id FROM given AS g JOIN signatory AS p ON p.id = g.signatory_id WHERE NOT ({says_so})"
    told = "status, appearance, signed_on, recorded_at, signatory_id"
    _run(
        "DROP TRIGGER signature_stands ON signature",
        "CREATE TRIGGER signature_stands AFTER DELETE OR UPDATE OF "
        f"{told} ON signature FOR EACH ROW EXECUTE FUNCTION signature_stands()",
        # A plan that was made while the table was small is kept and would read all of it for ever: only the index.
        "CREATE FUNCTION signatures_given() RETURNS trigger LANGUAGE plpgsql "
        "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$ BEGIN "
        f"{NEWEST.format(day=day.format(row=''), which=f'IN ({others})')} RETURN NULL; END $$",
        "CREATE TRIGGER signatures_given AFTER INSERT ON signature REFERENCING NEW TABLE AS given "
        "FOR EACH STATEMENT EXECUTE FUNCTION signatures_given()",
        "DROP TRIGGER signatory_come_or_gone ON signatory",
    )
    for what, event, rows, sign in (("come", "INSERT", "NEW", ""), ("gone", "DELETE", "OLD", "-")):
        _run(
            f"CREATE FUNCTION signatories_{what}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO signatory_tally (campaign_id, kind, stands_as, shown_as, number) "
            f"SELECT campaign_id, kind, stands_as, shown_as, {sign}count(*) FROM changed WHERE {PRESENT} "
            "GROUP BY campaign_id, kind, stands_as, shown_as; RETURN NULL; END $$",
            f"CREATE TRIGGER signatories_{what} AFTER {event} ON signatory REFERENCING {rows} TABLE AS changed "
            f"FOR EACH STATEMENT EXECUTE FUNCTION signatories_{what}()",
        )


def downgrade_main() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _run("DROP TRIGGER signature_given", _given_sqlite(only_others=False))
        return
    told = "status, appearance, signed_on, recorded_at, signatory_id"
    _run(
        "DROP TRIGGER signatures_given ON signature",
        "DROP TRIGGER signature_stands ON signature",
        "CREATE TRIGGER signature_stands AFTER INSERT OR DELETE OR UPDATE OF "
        f"{told} ON signature FOR EACH ROW EXECUTE FUNCTION signature_stands()",
        "DROP TRIGGER signatories_come ON signatory",
        "DROP TRIGGER signatories_gone ON signatory",
        "CREATE TRIGGER signatory_come_or_gone AFTER INSERT OR DELETE ON signatory "
        "FOR EACH ROW EXECUTE FUNCTION signatory_counts()",
        *(f"DROP FUNCTION {name}()" for name in ("signatures_given", "signatories_come", "signatories_gone")),
    )


def _given_sqlite(*, only_others: bool) -> str:
    day = DAY["sqlite"]
    says_so = SAYS_SO.format(same="IS", row="NEW", day=f"coalesce(NEW.signed_on, {day.format(row='NEW.')})")
    others = f"WHEN NOT EXISTS (SELECT 1 FROM signatory AS p WHERE p.id = NEW.signatory_id AND {says_so}) "
    newest = NEWEST.format(day=day.format(row=""), which="= NEW.signatory_id")
    return f"CREATE TRIGGER signature_given AFTER INSERT ON signature {others if only_others else ''}BEGIN {newest} END"


def _run(*statements: str) -> None:
    for statement in statements:
        op.execute(statement)
