"""Where a study is kept: a database by its URL, or a journal file."""

import inspect
import time
import warnings
from pathlib import Path
from typing import Any

import optuna
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from sirenade.errors import TrainingError

HEARTBEAT_S = 60
"""A worker says so often that its trial goes on."""
GRACE_S = 240
"""A trial that was silent for so long belongs to a worker that died: it is failed and its values are queued again."""
JOURNAL = "journal:"
REQUEUED = "requeued from"
"""Attribute of a trial that repeats a dead worker's: the number of that one."""
ATTEMPTS = 5


def open_storage(url: str, heartbeat: int = HEARTBEAT_S, grace: int = GRACE_S) -> Any:  # noqa: ANN401 (optuna is not typed for us)
    """The storage at a URL like sqlite:///searches.db, postgresql://user@host/name, mysql://..., or journal:FILE.

    Raises TrainingError where it cannot be opened.
    """
    if url.startswith(JOURNAL):
        return _journal(Path(url.removeprefix(JOURNAL).removeprefix("//")))
    if "://" not in url:
        raise TrainingError(f"--storage {url} is no URL; name one like sqlite:///searches.db or journal:searches.log.")
    for attempt in range(ATTEMPTS):
        try:
            return _database(url, heartbeat, grace)
        except (ImportError, SQLAlchemyError, ValueError, RuntimeError, OSError) as error:
            # two workers that make the tables of a new database at once get in each other's way
            beside = isinstance(error, IntegrityError) or "already exists" in str(error)
            if not beside or attempt == ATTEMPTS - 1:
                raise TrainingError(_unusable(url, error)) from None
            time.sleep(0.2 * (attempt + 1))
    raise AssertionError("unreachable")


def requeue(study: Any, trial: Any) -> None:  # noqa: ANN401
    """Queue the values of a dead worker's trial again."""
    number = trial.user_attrs.get(REQUEUED, trial.number)
    study.enqueue_trial(trial.params, user_attrs={REQUEUED: number})


def _database(url: str, heartbeat: int, grace: int) -> Any:  # noqa: ANN401
    kind = optuna.storages.RDBStorage
    known = inspect.signature(kind.__init__).parameters
    callback = "heartbeat_stale_trial_callback" if "heartbeat_stale_trial_callback" in known else "failed_trial_callback"
    engine = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {"pool_pre_ping": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # heartbeats
        return kind(url, engine, heartbeat_interval=heartbeat, grace_period=grace, **{callback: requeue})


def _journal(path: Path) -> Any:  # noqa: ANN401
    from optuna.storages import journal

    if not path.name or path.is_dir() or not path.absolute().parent.is_dir():
        raise TrainingError(f"the journal {path} is not a file in a folder that exists; name one like journal:searches.log.")
    try:
        return optuna.storages.JournalStorage(journal.JournalFileBackend(str(path)))
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(_unusable(f"{JOURNAL}{path}", error)) from None


def _unusable(url: str, error: Exception) -> str:
    if isinstance(error, ImportError):
        drivers = "psycopg2-binary (PostgreSQL) or mysqlclient (MySQL)"
        return f"the driver for {_public(url)} is not installed; pip install {drivers}."
    reason = " ".join(str(getattr(error, "orig", None) or error).split())
    return f"the storage {_public(url)} cannot be opened: {reason or type(error).__name__}; check the URL."


def _public(url: str) -> str:
    """The URL without its password."""
    scheme, _, rest = url.partition("://")
    account, at, place = rest.rpartition("@")
    return f"{scheme}://{account.partition(':')[0]}{at}{place}" if at else url
