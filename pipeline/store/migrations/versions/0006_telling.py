"""Of what deliveries tell, what they were gathered in, disabled channels and mutes; what may be pruned."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("delivery") as table:
        table.add_column(sa.Column("watch", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("deal_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("gathered_in", sa.Integer(), nullable=True))
        table.add_column(sa.Column("reached", sa.JSON(), nullable=False, server_default="[]"))
        table.create_foreign_key("fk_delivery_deal", "deal", ["deal_id"], ["id"])
        table.create_foreign_key("fk_delivery_gathered", "delivery", ["gathered_in"], ["id"])
        table.drop_index("ix_delivery_due")
    op.create_index("ix_delivery_due", "delivery", ["state", "channel", "next_try"])
    op.create_index("ix_delivery_sent", "delivery", ["channel", "delivered_at"])
    op.create_index("ix_delivery_article_id", "delivery", ["article_id"])
    op.create_index("ix_delivery_deal_id", "delivery", ["deal_id"])
    op.create_index("ix_delivery_gathered_in", "delivery", ["gathered_in"])
    if op.get_bind().dialect.name == "sqlite":  # on others there was nothing before
        _tell()
    op.create_table(
        "disabled",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "mute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mute_watch", "mute", ["watch"])
    kept = sa.text("body_source != 'pruned'")
    op.create_index("ix_article_kept", "article", ["found_at", "id"], sqlite_where=kept, postgresql_where=kept)


def _tell() -> None:
    """Of what each delivery tells."""
    op.execute(
        "UPDATE delivery SET watch = coalesce(json_extract(payload, '$.watch'), ''),"
        " deal_id = (SELECT id FROM deal WHERE deal.id = json_extract(payload, '$.deal'))"
        " WHERE json_valid(payload)"
    )
