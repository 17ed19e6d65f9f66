"""A page a file."""

from pipeline.web.pages import (
    article,
    articles,
    charts,
    deal,
    deals,
    deliveries,
    feeds,
    login,
    today,
    watches,
    watches_try,
)

ROUTERS = (
    login.router,
    today.router,
    deals.router,
    charts.router,
    deal.router,
    articles.router,
    article.router,
    watches.router,
    watches_try.router,
    feeds.router,
    deliveries.router,
)
