"""A page a file."""

from pipeline.web.pages import login

ROUTERS = (login.router,)
