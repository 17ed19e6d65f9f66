"""Under which key a mention stood last, so that a deal keeps its own."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("mentioned", sa.Column("key", sa.String(), nullable=False, server_default=""))
