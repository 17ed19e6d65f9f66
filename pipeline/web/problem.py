"""What goes wrong, for programs: problem details (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.responses import Response

from pipeline.notify.clean import one_line

MEDIA = "application/problem+json"
_LONGEST = 1_000


def problem(
    status: int,
    detail: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer to a request that failed. `errors` are its single faults, as `api.problems.Fault` has them."""
    said = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": one_line(detail, _LONGEST),
        "errors": list(errors),
    }
    return Response(json.dumps(said), status, headers, MEDIA)
