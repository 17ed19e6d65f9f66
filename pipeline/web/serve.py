"""Serving the site: until told to stop, or in a thread beside the daemon."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from pipeline.errors import UsageError
from pipeline.web.app import make_app
from pipeline.web.site import Site


def serve(site: Site, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT."""
    _server(site).run(sockets=[listener])


@contextmanager
def serve_beside(site: Site, listener: socket.socket) -> Iterator[None]:
    """Serve in a thread meanwhile."""
    server = _server(site)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def listen_at(address: tuple[str, int]) -> socket.socket:
    """A socket there. Raises UsageError where it cannot be had."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    try:
        listener = socket.create_server(address, family=family, backlog=128)
    except OSError as error:
        raise UsageError(
            f"{address[0]}:{address[1]} cannot be listened on ({error.strerror}). "
            "Set web.listen in dealwire.yaml, or say --listen, to an address that is free."
        ) from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or a page waits 40 ms for its head's receipt
    return listener


def _server(site: Site) -> uvicorn.Server:
    config = uvicorn.Config(
        make_app(site),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        limit_concurrency=200,
    )
    return uvicorn.Server(config)
