"""A client with a real engine process on the silent driver, in a runtime folder of its own."""

import pytest

from synth.client import EngineClient
from tests.helpers.engine import SILENT, is_alive, leftovers
from tests.helpers.tiny_instrument import make_phase_instrument


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    assert leftovers() == []


@pytest.fixture
def sine(tmp_path):
    return make_phase_instrument(tmp_path / "sine")


@pytest.fixture
def client():
    client = EngineClient(SILENT)
    client.start()
    pid = client.pid
    yield client
    client.close()
    assert not is_alive(pid)
