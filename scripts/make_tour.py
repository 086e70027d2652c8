"""Make the guided tour's pictures and sounds (docs/tour/) by the running app: `python scripts/make_tour.py [NAME ...]`.

The window is drawn off screen, the engine is the real one without a device; each stop plays for some seconds of real time. What
is written: NAME.png (the window near the end), NAME.ogg (what was heard) and NAME-spectrogram.png.
"""

import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
import soundfile
from PySide6.QtTest import QTest

from sirenade import files
from synth.commands import NoteOff, NoteOn, Slide
from synth.notices import RecordingFinished
from synth.presets.patch import PadState, Route, Tuning
from synth.settings import EngineSettings
from ui.app import App, Options, make_application

TARGET = Path(__file__).resolve().parent.parent / "docs" / "tour"
SIZE = (1280, 800)
STEP_MS = 25
PICTURED = 0.72
"""The window is pictured when this share of a stop is over."""
DOTS = ("Tubular bells", "Orchestral harp", "Xylophone", "Choir aahs", "Tremolo strings", "Oboe", "Trombone")
VOICE, PITCH, MOTION, MATRIX, EFFECTS, CURSOR, KEYS, PLAYER = range(8)
CHORD = (48, 55, 60, 64, 71)
NINETEEN = "! 19.scl\n!\n19 equal steps of the octave\n 19\n!\n" + "".join(f" {1200 * k / 19:.5f}\n" for k in range(1, 20))


@dataclass(frozen=True)
class Stop:
    """One stop: `prepare` sets the scene, `play` is called at each step with the share of the time that is over."""

    name: str
    seconds: float
    prepare: Callable[[App], None]
    play: Callable[[App, float], None]
    notes: tuple[int, ...] = ()


def preset(app: App, name: str) -> None:
    """Load a preset by its name."""
    session = app.session
    session.find_presets()
    found = next(listing for listing in session.bank.listings if listing.name == name)
    assert session.load_preset(found)
    _until(lambda: session.loaded)


def page(number: int) -> Callable[[App], None]:
    """Turn to a page on the right."""
    return lambda app: app.window.shaping.turn(number)


def rest(_app: App, _share: float) -> None:
    """Leave the hands still."""


def circle(app: App, share: float) -> None:
    """Once round the first pad."""
    turn = math.tau * share
    app.session.move_pad(0.5 - 0.38 * math.cos(turn), 0.5 + 0.38 * math.sin(turn))


def corners(app: App) -> None:
    """Four sounds on the corners, all else as it is at first."""
    preset(app, "Slow dawn")
    app.session.reset_patch()
    app.session.set_parameter("reverb_mix", 0.15)
    app.session.set_pad(0, PadState(corners=("Cello", "Trumpet", "Choir aahs", "Clarinet")))


def on_map(app: App) -> None:
    """The map of all sounds."""
    corners(app)
    app.session.set_pad(0, app.session.patch.pads[0].model_copy(update={"mode": "map"}))


def over_map(app: App, share: float) -> None:
    """From dot to dot across the map, a chord on each."""
    session = app.session
    assert session.sounds is not None
    step = min(int(share * len(DOTS)), len(DOTS) - 1)
    x, y = session.sounds.latents.map[session.sounds.names.index(DOTS[step])]
    if (round(session.pad[0], 6), round(session.pad[1], 6)) != (round(float(x), 6), round(float(y), 6)):
        session.move_pad(float(x), float(y))
        for note in (48, 55, 64):
            session.note_off(note)
            session.note_on(note, 0.8)


def on_plane(app: App) -> None:
    """Two principal directions."""
    corners(app)
    app.session.set_pad(0, PadState(mode="plane", corners=("Cello", "Trumpet", "Choir aahs", "Clarinet")))
    app.session.move_pad(0.5, 0.5)


def brighter(app: App, share: float) -> None:
    """From dull to bright along what was regressed from the sounds."""
    app.session.set_offset("centroid_hz", -1.5 + 3.0 * share)


def fingers(app: App) -> None:
    """Every note has a place of its own."""
    corners(app)
    app.session.move_pad(0.5, 0.5)
    app.session.set_mpe(15, 0)
    for channel, note in enumerate((48, 60, 67), start=1):
        app.link.send(NoteOn(float(note), 0.8, channel))


def slide(app: App, share: float) -> None:
    """Three fingers slide apart."""
    for channel, way in ((1, -0.5), (2, 0.0), (3, 0.5)):
        app.link.send(Slide(0.5 + way * math.sin(math.pi * share), channel))
    if share > 0.9:
        for channel, note in enumerate((48, 60, 67), start=1):
            app.link.send(NoteOff(float(note), channel))


def motion(app: App) -> None:
    """Waves move the pad."""
    preset(app, "Slow dawn")
    app.session.set_parameter("lfo1_rate", 0.35)
    app.session.set_parameter("lfo2_rate", 0.23)
    app.window.shaping.turn(MOTION)


def matrix(app: App) -> None:
    """An envelope moves brightness."""
    corners(app)
    app.session.set_route(0, Route(source="env1", target="latent:centroid_hz", depth=0.7))
    app.session.set_route(1, Route(source="velocity", target="filter_cutoff", depth=0.3))
    app.session.set_route(2, Route(source="walk_x", target="pad1_x", depth=0.3))
    app.session.set_parameter("env1_attack", 1.2)
    app.window.shaping.turn(MATRIX)


def words(app: App) -> None:
    """A sound under the wheel."""
    preset(app, "Words under the wheel")
    app.window.shaping.turn(CURSOR)


def scrub(app: App, share: float) -> None:
    """To and fro through the sound."""
    app.session.set_parameter("position", 0.5 - 0.5 * math.cos(2 * math.tau * share))


def effects(app: App) -> None:
    """Echoes and a room."""
    preset(app, "Shakuhachi garden")
    app.window.shaping.turn(EFFECTS)


def tuning(app: App) -> None:
    """Nineteen steps of the octave."""
    corners(app)
    app.session.set_tuning(Tuning(name="19 equal steps", scl=NINETEEN))
    app.window.shaping.turn(PITCH)


def scale(app: App, share: float) -> None:
    """Up the scale, a key after another."""
    step = int(share * 20)
    for key in range(20):
        (app.session.note_on if key == step else app.session.note_off)(60 + key, *((0.8,) if key == step else ()))


def keymap(app: App) -> None:
    """Each key its own sound."""
    preset(app, "Kit round middle C")
    app.window.shaping.turn(KEYS)


def beat(app: App, share: float) -> None:
    """A few bars."""
    step = int(share * 24)
    for key, when in ((48, (0, 6, 12, 14, 18)), (55, (3, 9, 15, 21)), (60, (2, 5, 8, 11, 17, 20, 23)), (67, (10, 22))):
        if step in when:
            app.session.note_on(key, 0.9)
        else:
            app.session.note_off(key)


def light(app: App) -> None:
    """The light look, and the browser."""
    preset(app, "Breath choir")
    app.session.preferences.change(theme="light")
    app.window.left.browse()


STOPS = (
    Stop("corners", 7.0, corners, circle, CHORD),
    Stop("map", 9.0, on_map, over_map),
    Stop("brighter", 6.0, on_plane, brighter, (52, 59, 64)),
    Stop("fingers", 6.0, fingers, slide),
    Stop("motion", 8.0, motion, rest, CHORD),
    Stop("matrix", 6.0, matrix, rest, (50, 57, 62, 66)),
    Stop("words", 7.0, words, scrub, (60,)),
    Stop("effects", 8.0, effects, rest, (62, 69)),
    Stop("tuning", 6.0, tuning, scale),
    Stop("keys", 6.0, keymap, beat),
    Stop("light", 6.0, light, circle, (48, 60, 64, 67)),
)


def make(app: App, stop: Stop) -> None:
    """Play a stop and write what it looks and sounds like."""
    session = app.session
    session.preferences.change(theme="dark")
    app.window.shaping.turn(VOICE)
    stop.prepare(app)
    QTest.qWait(400)
    app.window.banner.clear()
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "tour.wav"
        finished: list[object] = []
        app.link.noticed.connect(finished.append)
        app.link.record(wav)
        QTest.qWait(60)
        for note in stop.notes:
            session.note_on(note, 0.8)
        begun, pictured = time.monotonic(), False
        while (share := (time.monotonic() - begun) / stop.seconds) < 1.0:
            stop.play(app, share)
            QTest.qWait(STEP_MS)
            if share > PICTURED and not pictured:
                pictured = True
                app.window.banner.clear()
                with files.replacing(TARGET / f"{stop.name}.png") as beside:
                    app.window.grab().save(str(beside), "PNG")
        for note in range(128):
            session.note_off(note)
        QTest.qWait(1200)
        app.link.record(None)
        _until(lambda: any(isinstance(notice, RecordingFinished) for notice in finished))
        app.link.noticed.disconnect(finished.append)
        frames, rate = soundfile.read(wav, dtype="float32", always_2d=True)
    session.panic()
    _write_sound(TARGET / f"{stop.name}.ogg", frames, rate)
    _write_picture(TARGET / f"{stop.name}-spectrogram.png", frames.mean(1), rate)
    peak, rms = np.abs(frames).max(), np.sqrt((frames**2).mean())
    print(
        f"{stop.name}: {len(frames) / rate:.1f} s, peak {20 * math.log10(max(peak, 1e-6)):.1f} dB, "
        f"mean {20 * math.log10(max(rms, 1e-6)):.1f} dB"
    )


def _write_sound(path: Path, frames: np.ndarray, rate: int) -> None:
    with files.replacing(path) as beside, soundfile.SoundFile(beside, "w", rate, 2, format="OGG", subtype="VORBIS") as out:
        for start in range(0, len(frames), 4096):  # the encoder of some versions overflows with more at once
            out.write(frames[start : start + 4096])


def _write_picture(path: Path, mono: np.ndarray, rate: int) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 2.6), dpi=80, layout="constrained")
    dither = 1e-7 * np.random.default_rng(0).standard_normal(len(mono))  # silence has no logarithm
    axes.specgram(mono + dither, NFFT=2048, noverlap=1536, Fs=rate, vmin=-130, vmax=-40, cmap="viridis")
    axes.set(yscale="log", ylim=(60, 20000), xlabel="s", ylabel="Hz")
    with files.replacing(path) as beside:
        figure.savefig(beside, format="png")
    pyplot.close(figure)


def _until(done: Callable[[], bool]) -> None:
    for _ in range(1000):
        if done():
            return
        QTest.qWait(20)
    raise SystemExit("The app did not do what the tour waits for.")


def main(names: list[str]) -> None:
    """Make the stops that are named, or all."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_MUSIC_DIR"), home))
        application = make_application()
        app = App(Options("orchestra", EngineSettings(driver="silent", midi_inputs=(), virtual_midi=False)))
        app.window.resize(*SIZE)
        try:
            app.start()
            _until(lambda: app.session.loaded)
            for stop in STOPS:
                if not names or stop.name in names:
                    make(app, stop)
        finally:
            app.close()
            application.processEvents()


if __name__ == "__main__":
    main(sys.argv[1:])
