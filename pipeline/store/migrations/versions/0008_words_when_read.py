"""Of an article that was not read yet, only the title is looked for: its text would be indexed twice.

A table that is made anew (`batch_alter_table`) loses its triggers: a later migration that does so to `article` makes
those of `articleindex` again.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _words()
        return
    for name in ("enter", "drop", "change"):
        op.execute(f"DROP TRIGGER articleindex_{name}")
    unread = "FROM articletext WHERE id IN (SELECT id FROM article WHERE ingested_at IS NULL)"
    op.execute(f"INSERT INTO articleindex (articleindex, rowid, title, text) SELECT 'delete', id, title, text {unread}")
    op.execute("DROP VIEW articletext")
    op.execute(f"CREATE VIEW articletext AS SELECT id, title, {_text('article')} AS text FROM article")
    op.execute(f"INSERT INTO articleindex (rowid, title, text) SELECT id, title, text {unread}")
    enter = f"INSERT INTO articleindex (rowid, title, text) VALUES (new.id, new.title, {_text('new')})"
    drop = (
        "INSERT INTO articleindex (articleindex, rowid, title, text)"
        f" VALUES ('delete', old.id, old.title, {_text('old')})"
    )
    changed = f"old.title != new.title OR {_text('old')} != {_text('new')}"
    op.execute(f"CREATE TRIGGER articleindex_enter AFTER INSERT ON article BEGIN {enter}; END")
    op.execute(f"CREATE TRIGGER articleindex_drop AFTER DELETE ON article BEGIN {drop}; END")
    op.execute(
        "CREATE TRIGGER articleindex_change AFTER UPDATE OF title, summary, body, ingested_at ON article"
        f" WHEN {changed} BEGIN {drop}; {enter}; END"
    )


def _words() -> None:
    """The same on PostgreSQL, as a table beside the articles: a word in the title counts as one of weight A."""
    op.execute(
        "CREATE TABLE articleindex (rowid integer PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE,"
        " words tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_articleindex_words ON articleindex USING gin (words)")
    op.execute(
        "CREATE FUNCTION articleindex_enter() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE found tsvector; BEGIN"
        f" BEGIN found := {_tsvector(100_000, 400_000)};"
        " EXCEPTION WHEN program_limit_exceeded THEN"  # so many different words that they take more than 1 MiB
        f" found := {_tsvector(4_000, 40_000)}; END;"
        " INSERT INTO articleindex (rowid, words) VALUES (new.id, found)"
        " ON CONFLICT (rowid) DO UPDATE SET words = excluded.words; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER articleindex_enter AFTER INSERT ON article FOR EACH ROW EXECUTE FUNCTION articleindex_enter()"
    )
    op.execute(
        "CREATE TRIGGER articleindex_change AFTER UPDATE OF title, summary, body, ingested_at ON article"
        f" FOR EACH ROW WHEN (old.title != new.title OR {_text('old')} != {_text('new')})"
        " EXECUTE FUNCTION articleindex_enter()"
    )


def _tsvector(title: int, text: int) -> str:
    """The words of so many characters of both."""
    return (
        f"setweight(to_tsvector('english', {_plain('new.title', title)}), 'A')"
        f" || to_tsvector('english', {_plain(_text('new'), text)})"
    )


def _plain(text: str, most: int) -> str:
    """The beginning of a text without its accents."""
    return f"left(regexp_replace(normalize(left({text}, {most}), NFKD), '[\u0300-\u036f]', '', 'g'), {most})"


def _text(row: str) -> str:
    return f"CASE WHEN {row}.ingested_at IS NULL THEN '' WHEN {row}.body = '' THEN {row}.summary ELSE {row}.body END"
