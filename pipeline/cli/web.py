"""web: the dashboard and the API; alone, or beside the daemon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config.schema import Settings
    from pipeline.config.web import Web
    from pipeline.store import Store


def register(app: typer.Typer) -> None:
    app.command()(web)


def web(
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where.  [default: web.listen, else 127.0.0.1:8420]")
    ] = "",
) -> None:
    """The dashboard and the API, for a browser. The daemon may run meanwhile."""
    from pipeline.cli.logs import configure

    settings = shared.settings()
    place = _place(settings, listen)
    _need_packages()
    from pipeline.web.serve import listen_at, serve
    from pipeline.web.site import Site

    redactor = configure()
    with shared.store(settings) as store, listen_at(place.listen) as listener:
        site = Site(settings, store, place.listen, taken_up=lambda new: redactor.learn(new.secrets))
        typer.echo(f"Dealwire is at {_address(place)} until you press Ctrl+C.", err=True)
        serve(site, listener)


@contextmanager
def beside(settings: Settings, store: Store, taken_up: Callable[[Settings], None]) -> Iterator[None]:
    """Serve in a thread meanwhile, where the configuration asks for it. Raises UsageError where that cannot be."""
    place = settings.general.web
    if place is None:
        yield
        return
    _need_packages()
    import structlog

    from pipeline.web.serve import listen_at, serve_beside
    from pipeline.web.site import Site

    site = Site(settings, store, place.listen, taken_up=taken_up)
    with listen_at(place.listen) as listener, serve_beside(site, listener):
        structlog.get_logger("dealwire").info("dashboard", address=_address(place))
        yield


def _place(settings: Settings, listen: str) -> Web:
    """How to serve: as configured, but for the address where one is given. Raises UsageError where it may not be."""
    from pydantic import ValidationError

    from pipeline.config.web import Web

    place = settings.general.web or Web()
    if not listen:
        return place
    try:
        return Web.model_validate({**dict(place), "listen": listen})
    except ValidationError as error:
        raise UsageError(f"--listen: {listen!r} {error.errors()[0]['ctx']['error']}.") from error


def _address(place: Web) -> str:
    host, port = place.listen
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _need_packages() -> None:
    """Raises UsageError where what serving needs is not installed."""
    try:
        import pipeline.web.serve  # noqa: F401
    except ImportError as error:
        raise UsageError(f"The dashboard needs more packages ({error.name}): pip install 'dealwire[web]'.") from error
