"""What must happen before any test."""

import pytest

from tests.helpers.jack import forget_the_dead

ON_THE_CLOCK = ("e2e", "client")
"""Folders of tests that judge real processes by the machine's own clock."""


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):  # once for all that run side by side
        forget_the_dead()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try once more what failed on the clock: a machine that stalls for longer than a note lasts proves nothing.

    The summary lists what was tried twice (R). Who reads a name there twice has found a defect.
    """
    for item in items:
        if item.path.parent.name in ON_THE_CLOCK:
            item.add_marker(pytest.mark.flaky(reruns=1))
