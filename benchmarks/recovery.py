"""From the kill of an engine to its sound: `python -m benchmarks.recovery [--kills 10] [--instrument orchestra]`.

A chord is held on a JACK server of the program's own (dummy driver); the engine is killed; a recorder on that server hears when
the chord is back. The client is polled as the app does it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.jack_recorder import JackRecorder, Recorded
from synth.client import EngineClient
from synth.commands import LoadInstrument, NoteOn
from synth.instrument import library
from synth.notices import EngineRestarted, InstrumentLoaded, InstrumentRefused
from synth.settings import EngineSettings

POLL_S = 0.033
"""The app's own period."""
CHORD = (50.0, 57.0, 62.0, 66.0)
QUIET = 1e-3
PLAY_S = 6.0
"""Between two kills: the client has a spare engine again."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--instrument", default="orchestra")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        name = f"recovery{os.getpid()}"
        os.environ |= {"JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1"}
        with start_jack(name, 48000, Path(place) / "jackd.log") as server:
            try:
                rows = measure(Path(place) / "recovery.wav", arguments.instrument, arguments.kills)
            finally:
                server.terminate()
    print("| kill | found dead (ms) | engine ready (ms) | instrument loaded (ms) | sound (ms) |\n|---|---|---|---|---|")
    for number, row in enumerate(rows, 1):
        print(f"| {number} | " + " | ".join(f"{1000 * value:.0f}" for value in row) + " |")
    sounds = np.array([row[-1] for row in rows])
    print(f"\nsound again: median {1000 * np.median(sounds):.0f} ms, max {1000 * sounds.max():.0f} ms of {len(rows)} kills")


def start_jack(name: str, rate: int, log: Path) -> subprocess.Popen[bytes]:
    """A JACK server with the dummy driver, ready for clients. Raises SystemExit where there is no jackd."""
    if shutil.which("jackd") is None:
        raise SystemExit("jackd is not installed; on Debian and Ubuntu: apt-get install jackd2.")
    command = ["jackd", "-n", name, "--port-max", "128", "-d", "dummy", "-r", str(rate), "-p", "256"]
    with log.open("ab") as stream:
        server = subprocess.Popen(command, stdout=stream, stderr=stream, env=os.environ | {"JACK_NO_AUDIO_RESERVATION": "1"})
    subprocess.run(["jack_wait", "-s", name, "-w", "-t", "10"], check=True, stdout=subprocess.DEVNULL)
    return server


def measure(wav: Path, instrument: str, kills: int) -> list[tuple[float, float, float, float]]:
    """Seconds from each kill to: the client's finding out, the engine's being ready, the instrument's being loaded, sound."""
    recorder = JackRecorder(wav)
    marks: list[tuple[float, float, float, float]] = []
    with EngineClient(EngineSettings(driver="auto")) as client:
        client.send(LoadInstrument(str(library.find(instrument))))
        wait_for(client, InstrumentLoaded)
        for note in CHORD:
            client.send(NoteOn(note, 0.8))
        for _ in range(kills):
            end = time.monotonic() + PLAY_S
            while time.monotonic() < end:
                client.poll()
                time.sleep(POLL_S)
            assert client.pid is not None
            killed, old = time.monotonic(), client.pid
            os.kill(old, signal.SIGKILL)
            while client.pid == old:
                client.poll()
                time.sleep(POLL_S if client.pid == old else 0.0)
            marks.append((killed, time.monotonic(), wait_for(client, EngineRestarted), wait_for(client, InstrumentLoaded)))
            client._ends.clear()  # so many kills in a row are a crash loop to the client
        time.sleep(1.0)
    recorder.close()
    recorded = Recorded(recorder.rate, recorder.frames, recorder.anchors, recorder.missed)
    sound, _ = soundfile.read(wav, dtype="float32")
    loud = np.flatnonzero(np.abs(sound[:, 0]) > QUIET)
    times = np.array([recorded.time_of(frame) for frame in loud[:: recorder.rate // 1000].tolist()])
    rows = []
    for killed, dead, ready, loaded in marks:
        # the device had some milliseconds in its ring: the sound's return is the first frame after the longest silence
        after = times[(times > killed - 0.05) & (times < loaded + 1.0)]
        back = after[np.diff(after).argmax() + 1]
        rows.append((dead - killed, ready - killed, loaded - killed, float(back) - killed))
    return rows


def wait_for(client: EngineClient, kind: type) -> float:
    """Poll as the app does until a notice of `kind` came; the time at which it did (s, monotonic)."""
    end = time.monotonic() + 30.0
    while time.monotonic() < end:
        for notice in client.poll():
            if isinstance(notice, kind):
                return time.monotonic()
            if isinstance(notice, InstrumentRefused):
                raise SystemExit(notice.reason)
        time.sleep(0.002)
    raise SystemExit(f"no {kind.__name__} within 30 s.")


if __name__ == "__main__":
    main()
