"""The engine process from the inside: a driver, MIDI inputs, the render thread, and what the main thread does for them."""

import contextlib
import gc
import queue
import threading
import time
from pathlib import Path

import onnxruntime

from sirenade.errors import AudioDeviceError, InstrumentError
from synth.audio.driver import Block
from synth.audio.jack import JackDriver
from synth.audio.meters import Meters
from synth.audio.opening import open_driver
from synth.audio.recorder import Recorder, mend_all
from synth.audio.render_thread import RenderThread, freeze_garbage
from synth.commands import LoadInstrument
from synth.engine.noise import band_noise
from synth.engine.synth import LATENCY, Synth
from synth.engine.travel import QUANTUM
from synth.evaluators import make_playable
from synth.evaluators.spare import WithSpare
from synth.instrument import library, load
from synth.mailbox import Mailbox
from synth.midi.ports import MidiInputs
from synth.notices import (
    InstrumentLoaded,
    InstrumentRefused,
    MidiPortsChanged,
    Notice,
    Problem,
    RecordingFinished,
    Reopened,
)
from synth.osc.server import OscServer
from synth.protocol import present as legacy
from synth.protocol.folder import Link
from synth.protocol.requests import Reopen, StartRecording, StartTake, StopRecording, StopTake
from synth.protocol.shared_block import MAX_NOTES
from synth.protocol.wire import Record, encode
from synth.settings import EngineSettings
from synth.takes.taking import Taking
from synth.takes.writer import Setting

TURN_S = 0.05
CLOCK_S = 0.5
"""A MIDI clock that was silent for longer does not run."""


class DeviceLostError(Exception):
    """The device went away under the running engine."""


class Host:
    """Runs one engine for one client until told to stop."""

    def __init__(self, link: Link, settings: EngineSettings) -> None:
        """Open and start the device. Raises AudioDeviceError with one sentence where the settings forbid to go on without."""
        self._link = link
        self._settings = settings
        self._notices: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self._told_failures = 0
        self._given_up: WithSpare | None = None
        """The evaluator whose failure the client was told of."""
        self._mailbox = Mailbox(link)
        self._driver = open_driver(self._settings, self._notices.put)
        self._synth = Synth(self._driver.rate, settings.polyphony)
        self._render = self._make_render_thread()
        self._midi = self._make_midi_inputs()
        self._osc = self._make_osc_server()
        self._instrument = ""
        self._evaluator = ""
        self._taking = Taking(self._synth, self._notices.put)
        self._levels = Meters(settings.block, self._driver.rate)
        self._past = dict.fromkeys(("xruns", "late_blocks", "failed_blocks", "late_commands"), 0)
        """What was counted on devices before this one."""
        self._identity: dict[str, int | float | str] = {}
        self._left_at: tuple[int, tuple[float, ...]] = (0, ())
        """Changes and notes at which the present was left behind last."""

    def start(self) -> None:
        """Sound (silence, as yet), MIDI, and the word that the engine is ready."""
        self._midi.start()
        self._osc.start()
        with contextlib.suppress(Exception):
            onnxruntime.InferenceSession(b"")  # its first session holds the interpreter for 40 ms; have that behind us
        freeze_garbage()
        self._render.start()
        self._render.seek_priority()
        self._identify()
        threading.Thread(target=self._mend_recordings, name="mend", daemon=True).start()

    def turn(self) -> None:
        """One turn of the main thread: requests, notices, the device's health. Waits at most TURN_S for something to do.

        Raises DeviceLostError once the device has gone.
        """
        self._identify()
        with contextlib.suppress(queue.Empty):
            request = self._mailbox.requests.get(timeout=TURN_S)
            if isinstance(request, LoadInstrument):
                self._load(request.path)
            elif isinstance(request, Reopen) and not self._render.ended:
                self._reopen(EngineSettings.model_validate_json(request.settings))
            elif isinstance(request, StartRecording):
                self._start_recording(Path(request.path))
            elif isinstance(request, StopRecording):
                self._stop_recording()
            elif isinstance(request, StartTake):
                setting = Setting(self._driver.rate, self._settings.block, self._settings.polyphony)
                self._taking.start(Path(request.path), setting, self._render)
            elif isinstance(request, StopTake):
                self._taking.stop(self._render)
        if self._render.recording and self._render.recording.error:
            self._stop_recording()
        self._tell_failures()
        self._send_notices()
        if self._render.ended:
            raise DeviceLostError(f"the audio output {self._driver.device} has gone.")

    def tell(self, notice: Notice) -> None:
        """Send a notice to the client at once."""
        self._notices.put(notice)
        self._send_notices()

    def close(self, device_lost: bool = False) -> None:
        """Fade out and let everything go; with a device that was lost nothing is closed, as that would hang."""
        if not device_lost:
            self._midi.close()
        self._osc.close()
        self._render.stop()
        self._stop_recording()
        self._taking.stop(self._render)
        self._send_notices()
        if not device_lost and self._driver.alive:
            self._driver.close()

    def _make_render_thread(self, fade_in: bool = False) -> RenderThread:
        block = self._settings.block
        late = 0 if block % QUANTUM == 0 else QUANTUM
        self._mailbox.rate = self._driver.rate
        return RenderThread(self._synth, self._driver, block, late, self._mailbox, self._after_block, fade_in)

    def _make_midi_inputs(self) -> MidiInputs:
        settings, mailbox = self._settings, self._mailbox
        inputs = MidiInputs(
            settings.midi_inputs,
            settings.virtual_midi,
            self._driver.client if isinstance(self._driver, JackDriver) else None,
            lambda message, moment, source: mailbox.midi.append((message, moment, source)),
            lambda names: self._notices.put(MidiPortsChanged(names)),
            lambda sentence: self._notices.put(Problem(sentence)),
        )
        mailbox.look_for_midi = inputs.jack.events
        return inputs

    def _make_osc_server(self) -> OscServer:
        return OscServer(self._settings.osc_port, lambda command, meant: self._mailbox.posted.append((command, meant)))

    def _reopen(self, settings: EngineSettings) -> None:
        """Go on with the same notes on another device, at another rate or in other blocks; where that fails, as before.

        The sound fades out and in again: the device before it has to be let go first.
        """
        before, old = self._settings, self._render
        self._stop_recording()
        self._taking.stop(self._render)
        self._midi.close()
        old.stop()
        for name, count in self._counts(old).items():
            self._past[name] = count
        self._mailbox.put_back = [(command, old.meant_at(frame)) for frame, command in self._synth.take_back()]
        if not self._driver.alive:
            raise DeviceLostError(f"the audio output {self._driver.device} has gone.")
        self._driver.close()
        failure = ""
        self._settings = settings
        try:
            self._driver = open_driver(self._settings, self._notices.put)
        except AudioDeviceError as error:
            failure = str(error)
            self._settings = before.model_copy(update={"driver": "silent" if before.driver == "silent" else "auto"})
            self._driver = open_driver(self._settings, self._notices.put)
        if self._driver.rate != self._synth.rate:
            playable = self._synth.playable
            card, rate = playable.card if playable else None, self._driver.rate
            self._synth.set_rate(rate, band_noise(card.noise_bands, rate, factor=card.oversampling) if card else None)
        if settings.osc_port != before.osc_port:
            self._osc.close()
            self._osc = self._make_osc_server()
            self._osc.start()
        self._levels = Meters(self._settings.block, self._driver.rate)
        self._render = self._make_render_thread(fade_in=True)
        self._midi = self._make_midi_inputs()
        self._midi.start()
        gc.collect()
        gc.freeze()
        self._render.start()
        self._render.seek_priority()
        self._identify()
        self._notices.put(Reopened(failure))

    def _counts(self, thread: RenderThread) -> dict[str, int]:
        now = {
            "xruns": thread.driver.xruns,
            "late_blocks": thread.driver.dry,
            "failed_blocks": thread.failed_blocks,
            "late_commands": thread.late_commands,
        }
        return {name: count + self._past[name] for name, count in now.items()}

    def _load(self, name: str) -> None:
        try:
            path = library.find(name)
            instrument = load(path)
            playable = make_playable(instrument, self._driver.rate, self._settings.threads, self._settings.evaluator)
        except InstrumentError as error:
            self._notices.put(InstrumentRefused(name, str(error)))
        except Exception as error:  # whatever a file does to a library, the one before it goes on playing
            self._notices.put(InstrumentRefused(name, f"{name} cannot be played: {error}."))
        else:
            self._taking.loaded(playable, path)
            self._synth.set_instrument(playable)
            self._mailbox.has_instrument = True
            self._instrument, self._evaluator = instrument.card.name, playable.evaluator.name
            self._identify()
            self._notices.put(InstrumentLoaded(str(path), instrument.card.name))
        self._mailbox.loads_done += 1
        gc.collect()
        gc.freeze()

    def _start_recording(self, path: Path) -> None:
        self._stop_recording()
        try:
            self._render.recorders.append(Recorder(path, self._driver.rate))
        except OSError as error:
            self._notices.put(Problem(f"cannot record to {path}: {error.strerror}."))

    def _mend_recordings(self) -> None:
        """Finish what an engine before this one was recording when it was killed."""
        for path, seconds in mend_all():
            self._notices.put(RecordingFinished(str(path), seconds))

    def _stop_recording(self) -> None:
        recorder = self._render.recorders[-1] if self._render.recorders else self._render.recording
        if recorder is None:
            return
        self._render.recorders.append(None)
        end = time.monotonic() + 1.0
        while (self._render.recorders or self._render.recording) and not self._render.ended and time.monotonic() < end:
            time.sleep(0.001)
        self._render.recorders.clear()
        self._render.recording = None
        recorder.close()
        self._taking.recorded(recorder)
        if recorder.error:
            self._notices.put(Problem(f"the recording {recorder.path} ended: {recorder.error}."))
            return
        if recorder.lost:
            self._notices.put(Problem(f"the recording {recorder.path} lacks {recorder.lost} frames; the disk was too slow."))
        self._notices.put(RecordingFinished(str(recorder.path), recorder.seconds))

    def _tell_failures(self) -> None:
        failed = self._synth.failed_blocks + self._render.failed_blocks
        if failed and not self._told_failures:
            self._notices.put(Problem(f"{self._instrument or 'the engine'} failed in a block, which was left silent."))
        self._told_failures = failed
        playable = self._synth.playable
        evaluator = playable.evaluator if playable else None
        if isinstance(evaluator, WithSpare) and evaluator.failure and evaluator is not self._given_up:
            self._given_up, self._evaluator = evaluator, evaluator.name
            self._notices.put(Problem(evaluator.failure))

    def _send_notices(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._link.replies.push(encode(Record(self._mailbox.changes.get_nowait(), done=time.monotonic())))
        while not self._notices.empty():
            notice = self._notices.get()
            self._link.replies.push(encode(Record(notice, done=time.monotonic())))

    def _identify(self) -> None:
        self._render.watch_priority()
        values: dict[str, int | float | str] = {
            "ready": 1,
            "realtime": self._render.realtime,
            "block": self._settings.block,
            "rate": self._driver.rate,
            "latency_s": self._render.latency_s + LATENCY / self._driver.rate,
            "osc_port": self._osc.port,
            "driver": self._driver.name,
            "device": self._driver.device,
            "evaluator": self._evaluator,
            "instrument": self._instrument,
        }
        if values != self._identity:
            self._identity = values
            self._link.block.identity.write(values)

    def _after_block(self, thread: RenderThread, out: Block) -> None:
        """Meters and scope; on the render thread."""
        status = self._synth.status()
        counts = self._counts(thread)
        notes = status.notes[:MAX_NOTES]
        unused = (0.0,) * (MAX_NOTES - len(notes))
        places = status.places[:MAX_NOTES]
        router = self._mailbox.router
        meters = self._levels
        meters.add(out)
        self._link.block.scope.write(out)
        self._link.block.block_times[:] = thread.load.counts
        self._link.block.meters.write(
            {
                "frame": self._synth.frame,
                "heartbeat": time.monotonic(),
                "load": thread.load.mean,
                "load_peak": thread.load.peak,
                "peak_left": meters.peak_left,
                "peak_right": meters.peak_right,
                "rms": meters.rms,
                "pad_x": router.pad[0],
                "pad_y": router.pad[1],
                "pad_moves": self._mailbox.pad_moves,
                "voices": status.voices,
                "peak_voices": self._synth.peak_voices,
                **counts,
                "failed_blocks": self._synth.failed_blocks + counts["failed_blocks"],
                "midi_events": self._mailbox.midi_events,
                "osc_events": self._osc.events,
                "osc_malformed": self._osc.malformed,
                "refused_records": self._mailbox.refused + self._link.commands.refused,
                "factor": status.factor,
                "factor_cap": thread.governor.factor_cap,
                "shed_voices": self._synth.shed_voices,
                "note_count": len(notes),
                "notes": notes + unused,
                "note_x": (*(x for x, _ in places), *unused),
                "note_y": (*(y for _, y in places), *unused),
                "controller": router.controller,
                "controller_value": router.controller_value,
                "controller_moves": router.controller_moves,
                "clock": time.monotonic() < self._mailbox.ticked + CLOCK_S,
                "beat_began": self._synth.beat_began,
            }
        )
        self._leave_present(thread, (self._synth.changes, status.notes))

    def _leave_present(self, thread: RenderThread, at: tuple[int, tuple[float, ...]]) -> None:
        """Keep in the shared block what an engine after this one needs to go on, should this one be killed."""
        mailbox = self._mailbox
        if at == self._left_at or mailbox.waiting or (present := self._synth.present()) is None:
            return
        self._left_at = at
        seen = legacy.Seen(thread.meant_at(present.frame), mailbox.seen, mailbox.pad_moves, mailbox.moves)
        legacy.write(self._link.block.present, present, seen)
