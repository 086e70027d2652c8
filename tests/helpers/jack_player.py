"""Two JACK clients: one plays MIDI events at exact frames, the other records what sounds, with the frame of every sample.

(One client for both would close a loop in JACK's graph, and somewhere in a loop JACK delays by a period.)
A process of its own (`python -m tests.helpers.jack_player PLAN RESULT`), so that nothing of the test makes its callback late.
"""

import json
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LEAD_FRAMES = 24_000
"""From the first cycle to the first event."""


@dataclass
class Take:
    """What was recorded: sample i is of JACK's frame `start + i`."""

    start: int
    sound: np.ndarray
    """[n] of the left output."""
    covered: np.ndarray
    """[n] whether a cycle brought the sample: a server that was late leaves frames out."""
    cycles: np.ndarray
    """[cycles, 2] monotonic time in s at which each cycle's callback ran, and its first frame."""
    sent: np.ndarray
    """[events] frame of each event."""
    playback_latency: int
    """What JACK reports for the hardware's inputs: frames from a sample's frame to the ear."""


@contextmanager
def playing(folder: Path, events: list[tuple[int, list[int]]], frames: int, output: str = "Sirenade:out_1"):
    """Send (frame, message) events, counted from the begin, to Sirenade and record `frames` of its port `output`.

    Gives a function that waits for the end and returns the Take.
    """
    plan, result = folder / "plan.json", folder / "take.npz"
    plan.write_text(json.dumps({"events": events, "frames": frames, "output": output}))
    command = [sys.executable, "-m", "tests.helpers.jack_player", str(plan), str(result)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def finish() -> Take:
        assert process.wait(frames / 8000 + 30) == 0
        with np.load(result) as found:
            return Take(**{name: found[name] for name in found})

    try:
        assert process.stdout is not None and process.stdout.readline() == "running\n"
        yield finish
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def main(plan: Path, result: Path) -> None:
    """Play the plan and write the take."""
    import jack

    given = json.loads(plan.read_text())
    keys = jack.Client("keys", no_start_server=True)
    ear = jack.Client("ear", no_start_server=True)
    sound_in = ear.inports.register("in")
    midi_out = keys.midi_outports.register("out")
    sound = np.zeros(given["frames"], np.float32)
    covered = np.zeros(given["frames"], bool)
    cycles: list[tuple[float, int]] = []
    events = [(frame + LEAD_FRAMES, bytes(message)) for frame, message in given["events"]]
    sent = []
    start: list[int] = []

    def hear(frames: int) -> None:
        frame = ear.last_frame_time
        if not start:
            start.append(frame)
        at = frame - start[0]
        fits = max(0, min(frames, len(sound) - at))
        sound[at : at + fits] = sound_in.get_array()[:fits]
        covered[at : at + fits] = True

    def play(frames: int) -> None:
        now, frame = time.monotonic(), keys.last_frame_time
        cycles.append((now, frame))
        midi_out.clear_buffer()
        while start and len(sent) < len(events) and events[len(sent)][0] < frame + frames - start[0]:
            due, message = events[len(sent)]
            offset = max(0, start[0] + due - frame)
            midi_out.write_midi_event(offset, message)
            sent.append(frame + offset)

    ear.set_process_callback(hear)
    keys.set_process_callback(play)
    with keys, ear:
        ear.connect(given["output"], sound_in)
        if events:
            with suppress(jack.JackError):  # Sirenade may have been quicker
                keys.connect(midi_out, "Sirenade:midi_in")
        print("running", flush=True)
        while not covered[-1]:
            time.sleep(0.05)
        latency = playback_latency(ear.get_port_by_name("system:playback_1"))
    np.savez(
        result,
        start=start[0],
        sound=sound,
        covered=covered,
        cycles=np.array(cycles),
        sent=np.array(sent),
        playback_latency=latency,
    )


def playback_latency(port) -> int:
    """Frames that JACK reports from a port of the hardware to the ear (the binding does not have the call)."""
    import ctypes

    import jack

    found = (ctypes.c_uint32 * 2)()
    library = ctypes.CDLL("libjack.so.0")
    library.jack_port_get_latency_range(ctypes.c_void_p(int(jack._ffi.cast("uintptr_t", port._ptr))), 1, found)
    return int(found[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
