"""Making a PostgreSQL database of a test again what its template is, for a third of what a new copy costs.

Rows are deleted and sequences set back. Nothing else is mended: of a database that differs in any other way, in its
schema, its settings, its statistics, or by so many dead rows that a scan would notice, it says so.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

# Dead rows stay: nothing vacuums (see postgresql.py), so that new rows always lie behind older ones.
MOST_BYTES = 2**22
# Whatever changes a schema leaves a row of a later transaction in one of these, or one less. Ours are numbered from
# 16384 on.
_CATALOGUES = {
    **dict.fromkeys(("pg_class", "pg_constraint", "pg_trigger", "pg_type", "pg_proc", "pg_namespace"), "oid"),
    **dict.fromkeys(("pg_extension", "pg_event_trigger", "pg_policy", "pg_largeobject_metadata"), "oid"),
    "pg_attribute": "attrelid",
    "pg_attrdef": "adrelid",
    "pg_index": "indexrelid",
    "pg_statistic": "starelid",
}
_SCHEMA = " UNION ALL ".join(
    f"SELECT concat('{name} ', count(*), ' ', max(xmin::text::bigint)) AS line FROM {name} WHERE {key} >= 16384"
    for name, key in _CATALOGUES.items()
)
# What `ALTER DATABASE … SET` leaves is kept beside the databases.
_SETTINGS = """
    SELECT concat('settings ', setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_VERSION = "SELECT concat('version ', string_agg(version_num, ',' ORDER BY version_num)) FROM alembic_version"
_LOOK = f"SELECT array(SELECT line FROM ({_SCHEMA} UNION ALL {_SETTINGS} UNION ALL {_VERSION}) AS found ORDER BY line)"
_WRITTEN = """
    SELECT relname, pg_table_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
    AND pg_relation_size(oid) > 0"""
_OTHERS = """
    SELECT bool_and(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_COUNT_ANEW = """
    SELECT count(setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)) FROM pg_sequences
    WHERE last_value IS NOT NULL"""


@dataclass(frozen=True)
class Emptied:
    """What a template looks like, and how a copy of it comes to look so again."""

    schema: list[str]

    @classmethod
    def like(cls, url: str) -> "Emptied":
        """Remember a template, in which nothing but the version of its schema may be written."""
        with connect(url) as connection:
            found = connection.execute(_LOOK).fetchone()
            assert found and not connection.execute(_WRITTEN).fetchall(), "migrations write rows: restore them here"
            return cls(found[0])

    def again(self, url: str) -> bool:
        """Whether the copy is now as the template; if not, it is to be dropped."""
        try:
            with connect(url) as connection:
                gone = connection.execute(_OTHERS).fetchone()
                found = connection.execute(_LOOK).fetchone()
                written = connection.execute(_WRITTEN).fetchall()
                if not gone or gone[0] is False or not found or found[0] != self.schema:
                    return False
                if sum(size for _name, size in written) > MOST_BYTES:
                    return False
                # Neither triggers nor foreign keys ask: some forbid it, and all rows of all tables go.
                delete = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name, _size in written]
                freely = sql.SQL("SET LOCAL session_replication_role = replica")
                connection.execute(sql.SQL("; ").join([sql.SQL("BEGIN"), freely, *delete, sql.SQL("COMMIT")]))
                connection.execute(_COUNT_ANEW)
                return True
        except psycopg.Error:  # stopped, dropped or renamed
            return False


def connect(url: str) -> psycopg.Connection:
    """A connection to a database of the tests' server that changes nothing but by itself."""
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
