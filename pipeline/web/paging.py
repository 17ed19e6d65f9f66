"""Numbers that addresses carry."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

SIZE = 50
"""Rows of a page."""

PageNumber = Annotated[int, Query(alias="page", ge=1)]
Id = Annotated[int, Path(le=2**63 - 1)]
"""The number of a row; as large as the database knows."""

Text = Annotated[str, Query(max_length=300)]
