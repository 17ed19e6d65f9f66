"""How the dashboard is served."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo, field_validator

from pipeline.config.values import Strict

_SHORTEST = 8


def _endpoint(value: Any) -> Any:
    found = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})", value) if isinstance(value, str) else None
    if not found or not 0 < int(found[2]) < 65536:
        raise ValueError("must be an address with a port such as 127.0.0.1:8420")
    return found[1].strip("[]"), int(found[2])


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", value):
        raise ValueError("must be the name of a host such as dealwire.example.org")
    return value.lower()


Endpoint = Annotated[tuple[str, int], BeforeValidator(_endpoint)]
HostName = Annotated[str, AfterValidator(_host)]


def is_this_machine(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Web(Strict):
    """The dashboard and its API.

    `hosts` are the names under which it is reached, beside those of this machine: a request for another is refused.
    `https`: a proxy in front of it speaks TLS, and cookies go over that only.
    """

    password: SecretStr | None = None
    listen: Endpoint = ("127.0.0.1", 8420)
    hosts: tuple[HostName, ...] = ()
    https: bool = False

    @field_validator("password")
    @classmethod
    def _is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value()) < _SHORTEST:
            raise ValueError(f"must have {_SHORTEST} characters or more")
        return value

    @field_validator("listen")
    @classmethod
    def _is_guarded(cls, value: tuple[str, int], info: ValidationInfo) -> tuple[str, int]:
        if "password" in info.data and not info.data["password"] and not is_this_machine(value[0]):
            raise ValueError("can be reached by others, so web.password must be set: ${DEALWIRE_PASSWORD}")
        return value
