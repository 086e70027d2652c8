"""Real processes on a real sound server, each test in a runtime folder of its own."""

import shutil
import threading

import pytest

from tests.helpers.app import display, launch, spot
from tests.helpers.engine import leftovers
from tests.helpers.jack import jack_server
from tests.helpers.tiny_instrument import make_phase_instrument

__all__ = ["display", "launch", "spot"]


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    """A runtime folder of its own; nothing may be left in it, nor a thread behind."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    threads = set(threading.enumerate())
    yield folder
    assert leftovers() == []
    assert set(threading.enumerate()) <= threads


@pytest.fixture
def jack(tmp_path, monkeypatch, request):
    """A JACK server on the clock; parametrize indirectly with jack_server's arguments."""
    if shutil.which("jackd") is None:
        pytest.skip("jackd is not installed")
    with jack_server(tmp_path, **getattr(request, "param", {})) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def sine(tmp_path):
    """An instrument that is a sine at the note's pitch."""
    return make_phase_instrument(tmp_path / "sine")
