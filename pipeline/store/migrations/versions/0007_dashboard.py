"""What the dashboard asks for: words in articles, deals by party and article, and lists in order.

A table that is made anew (`batch_alter_table`) loses its triggers: a later migration that does so to `article` makes
those of `articleindex` again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _deals()
    _listed()
    op.create_index("ix_match_watch", "match", ["watch", "article_id"])
    op.create_index("ix_listing_feed", "listing", ["feed_id", "article_id"])
    op.create_index("ix_listing_seen", "listing", ["seen_at", "feed_id"])
    read = sa.text("ingested_at IS NOT NULL")
    op.create_index("ix_article_bodies", "article", ["body_source"], sqlite_where=read, postgresql_where=read)
    if op.get_bind().dialect.name == "sqlite":
        _words()


def _deals() -> None:
    op.add_column("deal", sa.Column("supersedes", sa.String(), nullable=False, server_default=""))
    op.add_column("deal", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deal", sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "dealparty",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("deal_id", "slug"),
    )
    op.create_table(
        "dealarticle",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("deal_id", "article_id"),
    )
    if op.get_bind().dialect.name == "sqlite":  # on others there was nothing before
        _found()
    op.create_index("ix_dealparty_slug", "dealparty", ["slug", "deal_id"])
    op.create_index("ix_dealarticle_article", "dealarticle", ["article_id", "deal_id"])
    op.create_index("ix_deal_part_of", "deal", ["watch", "part_of"])
    op.create_index("ix_deal_supersedes", "deal", ["watch", "supersedes"])
    op.create_index("ix_deal_listed", "deal", ["live", "dismissed", "watch", "last"])
    op.create_index("ix_deal_revision", "deal", ["revision"])


def _found() -> None:
    """What deals are found by, out of what is known of them."""
    op.execute(
        "UPDATE deal SET saved_at = last,"
        " supersedes = CASE WHEN json_valid(data) THEN coalesce(json_extract(data, '$.supersedes'), '') ELSE '' END"
    )
    whole = "CASE WHEN json_valid(deal.data) THEN deal.data ELSE '{}' END"
    op.execute(
        "INSERT OR IGNORE INTO dealparty (deal_id, slug, name)"
        " SELECT deal.id, json_extract(party.value, '$.slug'), json_extract(party.value, '$.name')"
        f" FROM deal, json_each({whole}, '$.parties') AS party"
    )
    op.execute(
        "INSERT OR IGNORE INTO dealarticle (deal_id, article_id)"
        " SELECT deal.id, json_extract(source.value, '$.article')"
        f" FROM deal, json_each({whole}, '$.sources') AS source"
    )


def _listed() -> None:
    op.add_column("feed", sa.Column("entries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feed", sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE feed SET entries = counted.entries, repeats = counted.repeats FROM"
        " (SELECT listing.feed_id, count(*) AS entries,"
        " sum(CASE WHEN listing.id > opened.id THEN 1 ELSE 0 END) AS repeats FROM listing"
        " JOIN (SELECT article_id, min(id) AS id FROM listing GROUP BY article_id) AS opened"
        " ON opened.article_id = listing.article_id GROUP BY listing.feed_id) AS counted"
        " WHERE counted.feed_id = feed.id"
    )


def _words() -> None:
    """A full-text index over title and text; the text is the body, or the summary while there is no body.

    It holds no copy of the articles: what it reads of them comes through the view.
    """
    op.execute(f"CREATE VIEW articletext AS SELECT id, title, {_text('article')} AS text FROM article")
    op.execute(
        "CREATE VIRTUAL TABLE articleindex USING fts5(title, text, content='articletext', content_rowid='id',"
        " tokenize='porter unicode61 remove_diacritics 2')"
    )
    op.execute("INSERT INTO articleindex (articleindex) VALUES ('rebuild')")
    enter = f"INSERT INTO articleindex (rowid, title, text) VALUES (new.id, new.title, {_text('new')})"
    # To take a row out, the index must be told what it was made of.
    drop = (
        "INSERT INTO articleindex (articleindex, rowid, title, text)"
        f" VALUES ('delete', old.id, old.title, {_text('old')})"
    )
    changed = f"old.title != new.title OR {_text('old')} != {_text('new')}"
    op.execute(f"CREATE TRIGGER articleindex_enter AFTER INSERT ON article BEGIN {enter}; END")
    op.execute(f"CREATE TRIGGER articleindex_drop AFTER DELETE ON article BEGIN {drop}; END")
    op.execute(
        "CREATE TRIGGER articleindex_change AFTER UPDATE OF title, summary, body ON article"
        f" WHEN {changed} BEGIN {drop}; {enter}; END"
    )


def _text(row: str) -> str:
    return f"CASE {row}.body WHEN '' THEN {row}.summary ELSE {row}.body END"
