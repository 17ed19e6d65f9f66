"""A small HTTP server on this machine for `/metrics` and `/healthz`."""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

import structlog

_READ_SECONDS = 5.0
_WHOLE_SECONDS = 20.0
_MOST_CLIENTS = 8
_OURS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)

Address = tuple[str, int]
Answer = tuple[int, str, bytes]
"""Status, content type and body."""
Page = Callable[[], Answer]


class Server:
    """Answers GET for the pages until closed. Raises OSError where the address cannot be listened on."""

    def __init__(self, address: Address, pages: dict[str, Page]) -> None:
        self._server = _Listener(address, pages)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Listener(ThreadingTCPServer):
    """A thread for each client, of which there may be a few, each for some seconds: a slow one holds up nobody."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: Address, pages: dict[str, Page]) -> None:
        self.pages = pages
        self._places = threading.BoundedSemaphore(_MOST_CLIENTS)
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        cut = threading.Timer(_WHOLE_SECONDS, self._cut, [request])
        cut.daemon = True
        cut.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            cut.cancel()
            self._places.release()

    @staticmethod
    def _cut(request: socket.socket) -> None:
        """End a connection that others drip into; whoever reads from it then finds its end."""
        try:
            request.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it ended in this moment

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  (the base class gives them)
        """A client that went away is no error of ours."""
        if not isinstance(sys.exception(), OSError):
            structlog.get_logger("dealwire").exception("a request to the monitoring address failed")


class _Handler(BaseHTTPRequestHandler):
    timeout = _READ_SECONDS
    server: _Listener
    server_version, sys_version = "dealwire", ""

    def do_GET(self) -> None:
        if not self._is_ours():
            self._answer(403, "text/plain; charset=utf-8", b"this server answers to names of this machine only\n")
            return
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self._answer(404, "text/plain; charset=utf-8", b"there are /metrics and /healthz\n")
            return
        try:
            answer = page()
        except Exception:  # noqa: BLE001  (a fault of ours, which must not pass for an answer)
            structlog.get_logger("dealwire").exception("a page of the monitoring address failed", page=self.path)
            answer = 500, "text/plain; charset=utf-8", b"this page failed; the log says why\n"
        self._answer(*answer)

    def _is_ours(self) -> bool:
        """Whether the host is named as this machine: a web page must not read this through a name of its own."""
        return _OURS.fullmatch(self.headers.get("Host", "")) is not None

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Being scraped is nothing to tell of."""
