"""Who is at the other end: signed cookies, the token that forms carry, and how often a password may be tried."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

KEY_FILE = "web.key"
SESSION_SECONDS = 30 * 86_400
_KEY_BYTES = 32
_TRIES, _TRIES_IN_ALL, _TRY_SECONDS = 5, 50, 60.0


@dataclass(frozen=True)
class Session:
    """A browser: `known` once it gave the password. `token` goes out in every form and must come back with it."""

    id: str
    known: bool
    token: str


def key_of(state: Path) -> bytes:
    """The key that cookies are signed with, made at first use; one for this run where it cannot be kept."""
    path = state / KEY_FILE
    fresh = secrets.token_bytes(_KEY_BYTES)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_bytes()
        return kept if len(kept) == _KEY_BYTES else fresh
    except OSError:
        return fresh
    with os.fdopen(handle, "wb") as file:
        file.write(fresh)
    return fresh


class Sessions:
    """Cookies of this key. With another `password` those made before are worth nothing."""

    def __init__(self, key: bytes, password: str) -> None:
        self._key = hmac.digest(key, password.encode(), "sha256")
        self._sealed = URLSafeTimedSerializer(self._key, "session", signer_kwargs={"digest_method": hashlib.sha256})
        self._notes = URLSafeTimedSerializer(self._key, "said", signer_kwargs={"digest_method": hashlib.sha256})

    def begin(self, *, known: bool) -> Session:
        return self._session(secrets.token_urlsafe(18), known)

    def _session(self, id_: str, known: bool) -> Session:
        return Session(id_, known, hmac.new(self._key, f"token {id_} {known}".encode(), "sha256").hexdigest())

    def seal(self, session: Session) -> str:
        return self._sealed.dumps([session.id, session.known])

    def open(self, cookie: str) -> Session | None:
        """The session of a cookie; None where it is not ours, or too old."""
        try:
            id_, known = self._sealed.loads(cookie, max_age=SESSION_SECONDS)
        except (BadData, ValueError, TypeError):
            return None
        return self._session(str(id_), bool(known))

    def seal_note(self, text: str, kind: str) -> str:
        return self._notes.dumps([text, kind])

    def open_note(self, cookie: str) -> tuple[str, str] | None:
        """Text and kind of something to be shown once."""
        try:
            text, kind = self._notes.loads(cookie, max_age=60)
        except (BadData, ValueError, TypeError):
            return None
        return str(text), str(kind)


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), wanted.encode(errors="surrogatepass"))


class Tries:
    """Wrong passwords of late: a client may give five a minute, and all together fifty."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._wrong: deque[tuple[float, str]] = deque()
        self._counting = threading.Lock()

    def wait(self, client: str) -> float:
        """The seconds until this client may try again; 0 for now."""
        with self._counting:
            now = self._forget()
            own = [at for at, who in self._wrong if who == client]
            hold = [own[-_TRIES]] if len(own) >= _TRIES else []
            hold += [self._wrong[-_TRIES_IN_ALL][0]] if len(self._wrong) >= _TRIES_IN_ALL else []
            return max((at + _TRY_SECONDS - now for at in hold), default=0.0)

    def wrong(self, client: str) -> None:
        with self._counting:
            self._wrong.append((self._forget(), client))

    def _forget(self) -> float:
        now = self._monotonic()
        while self._wrong and self._wrong[0][0] <= now - _TRY_SECONDS:
            self._wrong.popleft()
        return now
