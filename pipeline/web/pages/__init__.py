"""A page a file."""

from pipeline.web.pages import article, articles, charts, deal, deals, deliveries, feeds, login, today

ROUTERS = (
    login.router,
    today.router,
    deals.router,
    charts.router,
    deal.router,
    articles.router,
    article.router,
    feeds.router,
    deliveries.router,
)
