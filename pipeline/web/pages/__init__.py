"""A page a file."""

from pipeline.web.pages import deal, deals, login

ROUTERS = (
    login.router,
    deals.router,
    deal.router,
)
