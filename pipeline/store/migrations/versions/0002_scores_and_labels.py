"""Matches with a score, a level and reasons; labels."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("match") as match:
        match.add_column(sa.Column("score", sa.Float(), nullable=False, server_default="1"))
        match.add_column(sa.Column("level", sa.String(), nullable=False, server_default="about"))
        match.add_column(sa.Column("reasons", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("mentions", sa.Boolean(), nullable=False),
        sa.Column("about", sa.Boolean(), nullable=False),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("article_id", "watch"),
    )
