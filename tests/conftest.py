"""What must happen before any test."""

from tests.helpers.jack import forget_the_dead


def pytest_sessionstart() -> None:
    forget_the_dead()
