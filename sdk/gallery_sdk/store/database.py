"""Opening the state database: SQLite embedded, PostgreSQL to scale, one schema and one code path."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, create_engine, event, inspect, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DatabaseError, OperationalError

from ..errors import StoreError
from .tables import ALEMBIC_VERSION, METADATA

SCHEMA_VERSION: Final = "0001"
_MEND: Final = "Check that the path is writable and the file is the gallery's"
_DAMAGED: Final = (
    "Restore the file from a copy, or move it away together with those beside it of the same name: "
    "accounts are matched anew then, and none is lost"
)
_FULL: Final = "Make room on the disk, then run the command again; what was done is remembered or found again"


def open_database(location: Path | str) -> Engine:
    """Return the engine of a state database, created or brought up to date where that is safe.

    Args:
        location: A path (SQLite, its folder is created) or a SQLAlchemy URL.

    Whatever is asked of the engine later raises `StoreError` where the disk is full, the file is damaged or the server
    is gone.

    Raises:
        StoreError: The file is not a state database, was written by a newer version, or cannot be opened.
    """
    where = str(location)
    try:
        if isinstance(location, Path):
            location.parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(f"sqlite:///{location}")
        else:
            engine = create_engine(location)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_pragmas)
        _ensure_schema(engine, location)
    except (DatabaseError, OSError) as error:
        reason = str(getattr(error, "orig", error))
        raise StoreError(f"the state database cannot be opened ({reason})", where, _mend(reason)) from error
    _tell_failures(engine, where)
    return engine


def _tell_failures(engine: Engine, where: str) -> None:
    """Have the engine raise `StoreError` for what befalls a database, and not for statements that are wrong."""

    def tell(context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception
        # A damaged file is DatabaseError itself; its other subclasses are mistakes in a statement.
        if isinstance(error, OperationalError) or type(error) is DatabaseError:
            raise _failure(context.original_exception, where) from context.original_exception

    event.listen(engine, "handle_error", tell)


def refuse_damage(engine: Engine) -> None:
    """Look at every page of an embedded database, which takes less than a second per 100 MB.

    Raises:
        StoreError: It is damaged, though it can be opened.
    """
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise StoreError("the state database is damaged", str(engine.url.database), _DAMAGED)


def _failure(error: BaseException, where: str) -> StoreError:
    return StoreError(f"the state database failed ({error})", where, _mend(str(error)))


def _mend(reason: str) -> str:
    if "malformed" in reason:
        return _DAMAGED
    return _FULL if "disk is full" in reason or "No space left" in reason else _MEND


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    # FULL, since NORMAL may lose the last commits at a power cut, and a lost link is a duplicate account.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "wal_autocheckpoint=4000",
        "cache_size=-8192",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _ensure_schema(engine: Engine, location: Path | str) -> None:
    names = set(inspect(engine).get_table_names())
    if not names:
        METADATA.create_all(engine)
        with engine.begin() as connection:
            connection.execute(ALEMBIC_VERSION.insert(), {"version_num": SCHEMA_VERSION})
        return
    if ALEMBIC_VERSION.name not in names:
        raise StoreError(
            "the database holds tables that are not the gallery's", str(location), "Name a path or database of its own"
        )
    with engine.connect() as connection:
        version = connection.execute(select(ALEMBIC_VERSION.c.version_num)).scalar()
    if version == SCHEMA_VERSION:
        return
    if version is None or version > SCHEMA_VERSION:
        raise StoreError(
            f"the database has schema {version}, this version of the gallery knows {SCHEMA_VERSION}",
            str(location),
            "Upgrade gallery-sdk",
        )
    _migrate(engine, location)


def _migrate(engine: Engine, location: Path | str) -> None:
    """Upgrade in place; an embedded file is copied beside itself first."""
    from alembic import command
    from alembic.config import Config

    if isinstance(location, Path):
        shutil.copy2(location, location.with_suffix(f".before-{SCHEMA_VERSION}.db"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def scratch_copy(engine: Engine) -> Iterator[Engine]:
    """Yield an engine on a copy of an embedded database; every change to it vanishes afterwards.

    A plan runs on it: the same code as a cycle, with nothing remembered.

    Raises:
        StoreError: The database is not SQLite; a server's database is planned against otherwise. Or it cannot be
            copied: it is damaged, or there is no room for a second one.
    """
    if engine.dialect.name != "sqlite":
        raise StoreError(
            "planning needs an embedded state database", str(engine.url), "Plan on a machine with the SQLite state"
        )
    with tempfile.TemporaryDirectory(prefix="gallery-plan-") as folder:
        path = Path(folder) / "state.db"
        source = engine.raw_connection()
        try:
            with sqlite3.connect(path) as copy:
                driver = source.driver_connection
                assert isinstance(driver, sqlite3.Connection)
                driver.backup(copy)
            copy.close()
        except sqlite3.DatabaseError as error:
            raise _failure(error, str(engine.url.database)) from error
        finally:
            source.close()
        scratch = create_engine(f"sqlite:///{path}")
        event.listen(scratch, "connect", _set_scratch_pragmas)
        _tell_failures(scratch, f"{engine.url.database}, copied to {path}")
        try:
            yield scratch
        finally:
            scratch.dispose()


def _set_scratch_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")
