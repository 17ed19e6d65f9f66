"""The API is as its OpenAPI document says, whatever is sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from pipeline.web.api.description import operations
from tests.web.small import Small, small

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
STEADY = settings(
    max_examples=4, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
STORED = 6
"""How many of everything there are at least."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Small]:
    with small(tmp_path_factory.mktemp("schema"), migrated) as made:
        yield made


def send(site: Small, case: Case) -> None:
    """Send it and check the answer. Half of the numbers are those of something: else hardly any would be."""
    number = (case.path_parameters or {}).get("id")
    if isinstance(number, int) and number % 2:
        case.path_parameters["id"] = 1 + number % STORED
    headers = {"X-CSRF-Token": site.data("/session")["token"]} if case.method == "POST" else {}
    case.call_and_validate(
        f"{site.program.base}/api/v1", session=site.program.session, headers=headers, checks=CHECKS, timeout=60
    )


def test_every_operation_is_as_it_says(site: Small) -> None:
    """No failure of ours, no status, media type or content that is not described, and nothing odd taken for good."""
    document = site.data("/openapi.json")
    sent = 0
    for method, path, described in operations(document):
        described["parameters"] = [each for each in described.get("parameters", ()) if each["in"] != "header"]
        takes = described["parameters"] or "requestBody" in described
        operation = schemathesis.openapi.from_dict(document)[path][method]
        for mode in GenerationMode if takes else (GenerationMode.POSITIVE,):
            STEADY(given(case=operation.as_strategy(generation_mode=mode))(lambda case: send(site, case)))()
            sent += 1

    assert sent > 40
