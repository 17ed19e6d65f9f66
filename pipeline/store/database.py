"""The database: opening it, migrating it, and transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlmodel import Session

from pipeline.clock import Clock, SystemClock
from pipeline.errors import StoreError
from pipeline.store.failures import remedy, translated
from pipeline.store.size import Size

SCHEMA = "0010"
"""The newest revision in `migrations/versions`."""

_PATIENCE = 30.0
_OF_THE_DATABASE = (OperationalError, InternalError)


class Hold(Protocol):
    """Locks of one process, which end with its connection to the database, however that comes about.

    Raises StoreError where the connection is gone: then nothing is held any more, and the next call makes a new one.
    """

    def take(self, lock: str, *, shared: bool = False) -> bool:
        """Take the lock, or one share of it; whether it could be had at once."""
        ...

    def give_back(self, lock: str) -> None: ...

    def still(self) -> bool:
        """Whether what was taken since the connection was made is held still."""
        ...

    def close(self) -> None: ...


class Database(Protocol):
    """A database of one kind or the other.

    `name` is what people know it by, and holds no secret. What is `writing` does so in one transaction, alone unless
    `aside`; what is `reading` sees one state of it. `keep` keeps a copy of what is to be migrated, and says where.
    """

    name: str
    engine: Engine

    def writing(self, *, aside: bool) -> AbstractContextManager[Session]: ...

    def reading(self) -> AbstractContextManager[Session]: ...

    def hold(self, name: str) -> Hold: ...

    def alone(self) -> AbstractContextManager[None]: ...

    def size(self) -> Size: ...

    def compact(self) -> None: ...

    def keep(self, schema: str, now: datetime) -> str: ...


class Store:
    """An open database of the current schema: the file in a state folder, or that of a PostgreSQL URL.

    One of an older schema is brought up to date first; a file is backed up before. `patience`: the seconds that a
    transaction waits for another's. Raises StoreError.
    """

    def __init__(self, place: Path | str, clock: Clock | None = None, patience: float = _PATIENCE) -> None:
        self._database = _open(place, patience)
        self._clock = clock or SystemClock()
        self.before_commit: Callable[[Session], None] = lambda _: None
        """Called at the end of each transaction that writes, within it."""
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """What people know it by: a file, or a URL without its secrets."""
        return self._database.name

    def close(self) -> None:
        self._database.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def write(self, *, aside: bool = False) -> Iterator[Session]:
        """One transaction that commits at the end, or leaves nothing behind. Raises StoreError.

        It waits for all others, so that what it reads before it writes stays true. One that writes `aside` waits for
        none but over a row that both write. In a file they all wait for each other.
        """
        with translated(self.name), self._database.writing(aside=aside) as session:
            yield session
            self.before_commit(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view of the database. Raises StoreError."""
        with translated(self.name), self._database.reading() as session:
            yield session

    def hold(self, name: str) -> Hold:
        """What a process of this name holds against all others that share the store. Raises StoreError."""
        return self._database.hold(name)

    def alone(self) -> AbstractContextManager[None]:
        """Hold the store for this process, which holds its state folder. Raises StoreBusy where another has it."""
        return self._database.alone()

    def size(self) -> Size:
        """How much room the database takes. Raises StoreError."""
        with translated(self.name):
            return self._database.size()

    def compact(self) -> None:
        """Give free pages back to the disk. Lets nobody write meanwhile. Raises StoreError, also for want of room."""
        with translated(self.name):
            self._database.compact()

    def _migrate(self) -> None:
        with translated(self.name), self._database.engine.connect() as connection:
            at = schema_of(connection)
        if at == SCHEMA:
            return
        if at is not None and at > SCHEMA:
            raise StoreError(f"{self.name} was written by a newer Dealwire (schema {at}). Upgrade Dealwire.")
        # Begun as a writer: of processes that open a store together one migrates, and the rest find it done.
        with translated(self.name), self._database.writing(aside=False) as session:
            connection = session.connection()
            at = schema_of(connection)
            if at is None:
                _upgrade(connection)
            elif at != SCHEMA:
                self._bring_up_to_date(connection, at)

    def _bring_up_to_date(self, connection: Connection, at: str) -> None:
        """Migrate a database that is in use, with a backup of what it was where it is a file."""
        kept = self._database.keep(at, self._clock.now())
        try:
            _upgrade(connection)
        except Exception as error:
            reason = error.orig if isinstance(error, DBAPIError) else error
            raise StoreError(
                f"{self.name} could not be brought from schema {at} to {SCHEMA} ({reason}). "
                f"It is as it was before{kept}. "
                "Go back to the Dealwire that wrote it, or mend the cause and start again."
            ) from error


def _open(place: Path | str, patience: float) -> Database:
    """Only what its kind takes is loaded."""
    if isinstance(place, Path):
        from pipeline.store.sqlite import Sqlite

        return Sqlite(place, patience)
    from pipeline.store.postgresql import Postgresql

    return Postgresql(place, patience)


def schema_of(connection: Connection) -> str | None:
    """The revision of an open database; None of an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # half a second that only a new or old database costs
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


Row = TypeVar("Row")


def copied(row: Row) -> Row:
    """A copy of something stored that belongs to no session, to be changed in its place."""
    mapper = inspect(type(row))
    made: Row = mapper.class_manager.new_instance()
    # Past the model, which takes longer to set each field than a poll's answer to come.
    vars(made).update({column.key: getattr(row, column.key) for column in mapper.column_attrs})
    return made


@contextmanager
def part(session: Session) -> Iterator[None]:
    """A part of a transaction, which alone is undone where it fails.

    Raises StoreError where that lies at the database; what else it raises lies at what was to be stored.
    """
    try:
        with session.begin_nested():
            session.connection()  # not before it is asked for this is the savepoint made, which others' code relies on
            yield
    except _OF_THE_DATABASE as error:
        reason = str(_first(error).orig)
        raise StoreError(f"{reason}. {remedy(reason)}") from error


def _first(error: DBAPIError) -> DBAPIError:
    """What went wrong first: on a full disk SQLite undoes the whole transaction, so that to undo a part fails too."""
    before = error.__context__
    while before is not None and not isinstance(before, _OF_THE_DATABASE):
        before = before.__context__
    return error if before is None else _first(before)
