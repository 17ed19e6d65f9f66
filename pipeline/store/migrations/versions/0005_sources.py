"""How feeds fare, what became of them, and articles that were edited or come by way of others."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("feed", sa.Column("interval", sa.Float(), nullable=False, server_default="900"))
    op.add_column("feed", sa.Column("rate", sa.Float(), nullable=False, server_default="0"))
    op.add_column("feed", sa.Column("usual", sa.Float(), nullable=False, server_default="0"))
    op.add_column("feed", sa.Column("last_new", sa.DateTime(timezone=True), nullable=True))
    op.add_column("feed", sa.Column("health", sa.String(), nullable=False, server_default="well"))
    op.add_column("article", sa.Column("origin", sa.String(), nullable=False, server_default=""))
    op.add_column("article", sa.Column("opaque", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("article", sa.Column("edits", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("listing", sa.Column("content", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "feedevent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_feedevent_at", "feedevent", ["at"])
    op.create_table(
        "earlier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_earlier_article_id", "earlier", ["article_id"])
