"""What SQLite and PostgreSQL say differently, within queries that are otherwise the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Cast, ColumnElement, Integer, TableValuedAlias, Text, cast, literal, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine
from sqlmodel import col

T = TypeVar("T")


class _Each(FunctionElement[Any]):
    """A column that is looked at in each row found."""

    name = "each"
    inherit_cache = True


@compiles(_Each)
def _each(element: _Each, compiler: SQLCompiler, **kwargs: Any) -> str:
    return compiler.process(element.clauses, **kwargs)


@compiles(_Each, "sqlite")
def _each_on_sqlite(element: _Each, compiler: SQLCompiler, **kwargs: Any) -> str:
    (column,) = element.clauses
    return f"+{compiler.process(column, **kwargs)}"


def each(column: T) -> ColumnElement[T]:
    """The column, looked at in each row found.

    SQLite is kept from walking through an index of all that it holds, and from asking one anew for each of many rows.
    PostgreSQL knows by its statistics what is rare, and needs no telling.
    """
    found = _Each(col(column))
    found.type = found.clauses.clauses[0].type
    return found


class _Octets(FunctionElement[int]):
    name = "octets"
    type = Integer()
    inherit_cache = True


@compiles(_Octets, "sqlite")
def _octets_on_sqlite(element: _Octets, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"length(CAST({compiler.process(element.clauses, **kwargs)} AS BLOB))"


@compiles(_Octets, "postgresql")
def _octets_on_postgresql(element: _Octets, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"octet_length({compiler.process(element.clauses, **kwargs)})"


def octets(content: str) -> ColumnElement[int]:
    """The bytes that a text takes."""
    return _Octets(col(content))


class _Elements(FunctionElement[Any]):
    """The elements of a JSON array, a row of each."""

    name = "elements"
    inherit_cache = True


@compiles(_Elements, "sqlite")
def _elements_on_sqlite(element: _Elements, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kwargs)})"


@compiles(_Elements, "postgresql")
def _elements_on_postgresql(element: _Elements, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **kwargs)} AS JSON))"


def table(rows: Sequence[Sequence[Any]], *types: type[TypeEngine[Any]]) -> tuple[list[Cast[Any]], TableValuedAlias]:
    """Rows to be joined: a column of each type, and what stands for them in FROM.

    Each row is then looked for in an index, which SQLite does for none of the pairs of an IN, and PostgreSQL slower.
    """
    found = _Elements(literal(json.dumps(rows), Text)).table_valued("value")
    columns = [cast(found.c.value.op("->>")(literal_column(str(at))), type_) for at, type_ in enumerate(types)]
    return columns, found
