"""What SQLite and PostgreSQL say differently, within queries that are otherwise the same."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
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
    """The column, looked at in each row found: SQLite is kept from walking through an index of all that it holds.

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
