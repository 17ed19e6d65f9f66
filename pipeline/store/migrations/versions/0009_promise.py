"""What waits to be read in the order of its promise; nothing is known of what waits already."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("article", sa.Column("promise", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_article_promise",
        "article",
        ["promise", "next_try", "published", "id"],
        sqlite_where=sa.text("next_try IS NOT NULL"),
        postgresql_where=sa.text("next_try IS NOT NULL"),
    )
