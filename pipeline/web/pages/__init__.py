"""A page a file."""

from pipeline.web.pages import article, articles, deal, deals, deliveries, feeds, login, today, watches, watches_try

ROUTERS = (
    login.router,
    today.router,
    deals.router,
    deal.router,
    articles.router,
    article.router,
    watches.router,
    watches_try.router,
    feeds.router,
    deliveries.router,
)
