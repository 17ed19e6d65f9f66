"""A page a file."""

from pipeline.web.pages import article, articles, deliveries, feeds, login, today

ROUTERS = (
    login.router,
    today.router,
    articles.router,
    article.router,
    feeds.router,
    deliveries.router,
)
