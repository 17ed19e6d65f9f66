"""A page a file."""

from pipeline.web.pages import article, articles, deal, deals, deliveries, feeds, login, today

ROUTERS = (
    login.router,
    today.router,
    deals.router,
    deal.router,
    articles.router,
    article.router,
    feeds.router,
    deliveries.router,
)
