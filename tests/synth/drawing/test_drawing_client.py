"""The drawing process answers, is polite, survives what it is told, and goes when its client goes."""

import json
import os
import queue
import signal
import subprocess
import sys
import time

import psutil
import pytest

from synth import drawing_client
from synth.devices import module_environment
from synth.drawing_client import DrawingClient
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument


@pytest.fixture
def answers():
    return queue.Queue()


@pytest.fixture
def client(answers):
    made = DrawingClient(answers.put)
    yield made
    made.close()


def newest(answers, number):
    """The answer to a request; what came before is skipped."""
    while True:
        drawing = answers.get(timeout=30)
        if drawing.number == number:
            return drawing


def test_it_draws_and_changes_instruments(client, answers, tmp_path):
    client.open(str(make_time_instrument(tmp_path / "one")))
    drawing = newest(answers, client.ask((1.0, 0.0), points=40))
    assert drawing.error == ""
    assert len(drawing.peaks) == 40
    assert max(high for _, high in drawing.peaks) == pytest.approx(0.5, abs=0.01)
    assert drawing.duration == pytest.approx(1.0)
    client.open(str(make_phase_instrument(tmp_path / "two")))
    assert newest(answers, client.ask((1.0, 0.0), points=30)).error == ""
    client.open(str(tmp_path / "none"))
    assert "none" in newest(answers, client.ask((1.0, 0.0))).error


def test_the_newest_request_wins(client, answers, tmp_path):
    client.open(str(make_time_instrument(tmp_path / "one")))
    newest(answers, client.ask((1.0, 0.0)))
    for amplitude in range(300):
        last = client.ask((amplitude / 300.0, 0.0), points=2000)
    drawing = newest(answers, last)
    assert max(high for _, high in drawing.peaks) == pytest.approx(0.5 * 299 / 300, abs=0.01)
    assert answers.empty()
    # far fewer were drawn than asked for
    client.ask((1.0, 0.0))
    assert answers.get(timeout=30).number == last + 1


def test_a_latent_of_another_size_is_told_in_a_sentence(client, answers, tmp_path):
    client.open(str(make_time_instrument(tmp_path / "one")))
    assert "3 numbers, not 2" in newest(answers, client.ask((1.0, 0.0, 0.0))).error


def test_a_process_that_dies_is_replaced(client, answers, tmp_path):
    client.open(str(make_time_instrument(tmp_path / "one")))
    newest(answers, client.ask((1.0, 0.0)))
    os.kill(client._process.pid, signal.SIGKILL)
    client._process.wait()
    assert newest(answers, client.ask((1.0, 0.0))).error == ""


def test_closing_leaves_no_process(answers, tmp_path):
    client = DrawingClient(answers.put)
    client.open(str(make_time_instrument(tmp_path / "one")))
    newest(answers, client.ask((1.0, 0.0)))
    process = psutil.Process(client._process.pid)
    assert process.nice() == 19
    client.close()
    assert not process.is_running()
    client.ask((1.0, 0.0))  # harmless


def test_at_rest_the_process_stays_for_a_while_and_is_there_for_who_comes_back(answers, tmp_path):
    client = DrawingClient(answers.put, linger=3600.0)
    client.open(str(make_time_instrument(tmp_path / "one")))
    newest(answers, client.ask((1.0, 0.0)))
    process = psutil.Process(client._process.pid)
    for _ in range(3):
        client.rest()
        time.sleep(0.02)
    assert process.is_running()
    client.open(str(tmp_path / "one"))
    newest(answers, client.ask((0.5, 0.0)))
    assert client._process.pid == process.pid
    client.rest()
    client.close()
    assert not process.is_running()


def test_after_a_long_rest_nothing_is_left_until_somebody_asks(answers, tmp_path, monkeypatch):
    monkeypatch.setattr(drawing_client, "REST_S", 0.0)
    client = DrawingClient(answers.put, linger=0.05)
    client.open(str(make_time_instrument(tmp_path / "one")))
    newest(answers, client.ask((1.0, 0.0)))
    process, thread = psutil.Process(client._process.pid), client._thread
    client.rest()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert not process.is_running()
    client.open(str(tmp_path / "one"))
    assert newest(answers, client.ask((1.0, 0.0))).error == ""
    client.close()


def drawing_process(*arguments):
    command = [sys.executable, "-P", "-m", "synth.drawing", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=module_environment())


def test_whatever_a_line_holds_the_next_one_is_answered(tmp_path):
    process = drawing_process(str(make_time_instrument(tmp_path / "one")))
    bad = [b"\n", b"nonsense\n", b"[]\n", b'{"latent": [1e999, 0]}\n', b'{"latent": "x"}\n', b'{"points": 0}\n', b"\xff\xfe\n"]
    process.stdin.write(b"".join(bad) + b'{"latent": [1.0, 0.0], "points": 3, "number": 7}\n')
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(len(bad) + 1)]
    assert sum("error" in answer for answer in answers) == len(bad)
    assert len(next(answer for answer in answers if answer["number"] == 7)["peaks"]) == 3
    process.kill()
    process.communicate()


def test_it_ends_with_its_parent(tmp_path):
    process = drawing_process(str(make_time_instrument(tmp_path / "one")))
    time.sleep(0.1)
    process.stdin.close()
    assert process.wait(timeout=20) == 0
    process.stdout.close()
