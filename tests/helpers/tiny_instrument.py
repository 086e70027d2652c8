"""Tiny instruments whose output is known in closed form, written with ONNX alone (no training, no PyTorch)."""

import hashlib
from pathlib import Path

import numpy as np
import onnx.parser

from synth.instrument.card import CARD_FILE, FIELD_FILE, LATENTS_FILE, MAPPING_FILE, PITCH_FILE, Card, Cursor, Modulation
from synth.instrument.latents import Latents

TIME_HZ = 220.0
"""A `time` instrument is amplitude * sin(2 pi 220 t) * 0.5, its anchors' amplitudes 0, 0.25, 0.5 and 1."""

_TIME_MAPPING = """
<ir_version: 9, opset_import: ["" : 18]>
mapping (float[V,2] latent) => (float[V,1] amplitude) {
    one = Constant <value = int64[1] {1}> ()
    zero = Constant <value = int64[1] {0}> ()
    amplitude = Slice (latent, zero, one, one)
}"""

_TIME_FIELD = """
<ir_version: 9, opset_import: ["" : 18]>
field (double[V] time_start, float[V,N] time_offset, float[V,1] amplitude) => (float[V,N] samples) {
    hz = Constant <value = double {220.0}> ()
    hz32 = Constant <value = float {220.0}> ()
    tau = Constant <value = float {6.283185307179586}> ()
    half = Constant <value = float {0.5}> ()
    one = Constant <value = int64[1] {1}> ()
    turns = Mul (time_start, hz)
    whole = Floor (turns)
    part = Sub (turns, whole)
    part32 = Cast <to = 1> (part)
    start = Unsqueeze (part32, one)
    offset = Mul (time_offset, hz32)
    cycles = Add (start, offset)
    angle = Mul (cycles, tau)
    sine = Sin (angle)
    scaled = Mul (sine, half)
    samples = Mul (scaled, amplitude)
}"""

_PHASE_MAPPING = """
<ir_version: 9, opset_import: ["" : 18]>
mapping (float[V,2] latent, float[V] pitch, float[V] velocity, float[V] time) => (float[V,1] amplitude, float[V,2] bands) {
    zero = Constant <value = int64[1] {0}> ()
    one = Constant <value = int64[1] {1}> ()
    two = Constant <value = int64[1] {2}> ()
    small = Constant <value = float {0.0}> ()
    brightness = Slice (latent, zero, one, one)
    speed = Unsqueeze (velocity, one)
    note = Unsqueeze (pitch, one)
    moment = Unsqueeze (time, one)
    unused = Add (note, moment)
    nothing = Mul (unused, small)
    loud = Mul (brightness, speed)
    amplitude = Add (loud, nothing)
    bands = Mul (latent, small)
}"""

RELEASE_RATE = 20.0
"""An instrument with a release falls by e every 1/20 s."""

_RELEASE_MAPPING = """
<ir_version: 9, opset_import: ["" : 18]>
mapping (float[V,2] latent, float[V] pitch, float[V] velocity, float[V] time, float[V] release)
    => (float[V,1] amplitude, float[V,2] bands) {
    zero = Constant <value = int64[1] {0}> ()
    one = Constant <value = int64[1] {1}> ()
    two = Constant <value = int64[1] {2}> ()
    small = Constant <value = float {0.0}> ()
    rate = Constant <value = float {-20.0}> ()
    brightness = Slice (latent, zero, one, one)
    speed = Unsqueeze (velocity, one)
    fall = Mul (release, rate)
    gone = Exp (fall)
    left = Unsqueeze (gone, one)
    loud = Mul (brightness, speed)
    amplitude = Mul (loud, left)
    bands = Mul (latent, small)
}"""

DRIFT, VIBRATO, VIBRATO_HZ = 30.0, 50.0, 5.0
"""A moving instrument is sharp by so many cents, and swings by so many cents at so many Hz."""

_PITCH = """
<ir_version: 9, opset_import: ["" : 18]>
motion (float[V,2] latent, float[V] pitch, float[V] velocity, float[V] time)
    => (float[V] drift, float[V] vibrato, float[V] vibrato_hz) {
    none = Constant <value = float {0.0}> ()
    cents = Constant <value = float {30.0}> ()
    depth = Constant <value = float {50.0}> ()
    hz = Constant <value = float {5.0}> ()
    nothing = Mul (time, none)
    drift = Add (nothing, cents)
    vibrato = Add (nothing, depth)
    vibrato_hz = Add (nothing, hz)
}"""

_PHASE_FIELD = """
<ir_version: 9, opset_import: ["" : 18]>
field (double[V] phase_start, float[V,N] phase_offset, float[V] bandlimit, double[V] time_start, float[V,N] time_offset,
       float[V,N,2] noise, float[V,1] amplitude_start, float[V,1] amplitude_end, float[V,2] bands_start, float[V,2] bands_end,
       float[V,N] blend) => (float[V,N] samples) {
    tau = Constant <value = float {6.283185307179586}> ()
    half = Constant <value = float {0.5}> ()
    one = Constant <value = int64[1] {1}> ()
    unity = Constant <value = float {1.0}> ()
    whole = Floor (phase_start)
    part = Sub (phase_start, whole)
    part32 = Cast <to = 1> (part)
    start = Unsqueeze (part32, one)
    cycles = Add (start, phase_offset)
    angle = Mul (cycles, tau)
    sine = Sin (angle)
    scaled = Mul (sine, half)
    rise = Sub (amplitude_end, amplitude_start)
    risen = Mul (rise, blend)
    amplitude = Add (amplitude_start, risen)
    limit = Unsqueeze (bandlimit, one)
    audible = Greater (limit, unity)
    gate = Cast <to = 1> (audible)
    gated = Mul (scaled, gate)
    samples = Mul (gated, amplitude)
}"""


def make_time_instrument(folder: Path, *, mode: str = "loop", name: str = "Tiny time") -> Path:
    """A held `time` instrument of four anchors: 0.5 * latent[0] * sin(2 pi 220 t), root pitch 60, 1 s long."""
    return _write(
        folder,
        dict(
            name=name,
            training_rate=16000.0,
            duration=1.0,
            bandwidth=8000.0,
            coordinates=("time",),
            conditions=("latent",),
            modulation="held",
            modulations=(Modulation(name="amplitude", shape=(1,)),),
            latent_size=2,
            cursor=Cursor(mode=mode, crossfade=0.05),
        ),
        _TIME_MAPPING,
        _TIME_FIELD,
    )


def make_phase_instrument(
    folder: Path, *, name: str = "Tiny phase", release_seconds: float = 0.0, moving: bool = False, **card: object
) -> Path:
    """An interpolated `phase, time` instrument: 0.5 * latent[0] * velocity * sin(2 pi phase), silent above Nyquist.

    With `release_seconds` it dies away by itself (RELEASE_RATE), `moving` with a pitch graph (DRIFT, VIBRATO, VIBRATO_HZ).
    """
    conditions = ("latent", "pitch", "velocity", "time", *(("release",) if release_seconds else ()))
    fields = dict(
        name=name,
        training_rate=16000.0,
        duration=1.0,
        bandwidth=8000.0,
        coordinates=("phase", "time"),
        conditions=conditions,
        modulation="interpolated",
        modulations=(Modulation(name="amplitude", shape=(1,)), Modulation(name="bands", shape=(2,))),
        latent_size=2,
        noise_bands=((100.0, 1000.0), (1000.0, 4000.0)),
        cursor=Cursor(mode="loop"),
        release_seconds=release_seconds,
    )
    mapping = _RELEASE_MAPPING if release_seconds else _PHASE_MAPPING
    return _write(folder, fields | card, mapping, _PHASE_FIELD, _PITCH if moving else None)


def _write(folder: Path, card: dict, mapping: str, field: str, pitch: str | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    amplitudes = np.array([0.0, 0.25, 0.5, 1.0], np.float32)
    latents = Latents(
        latents=np.stack([amplitudes, np.linspace(-1, 1, 4, dtype=np.float32)], 1),
        names=("silent", "quiet", "middle", "loud"),
        pitches=np.full(4, 60.0, np.float32),
        tags=("test",) * 4,
        map=np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32),
        loops=np.tile([0.3, 0.8], (4, 1)),
        durations=np.ones(4),
        descriptors=np.full((4, 1), TIME_HZ, np.float32),
        descriptor_names=("centroid",),
    )
    contents = {
        MAPPING_FILE: onnx.parser.parse_model(mapping).SerializeToString(),
        FIELD_FILE: onnx.parser.parse_model(field).SerializeToString(),
        LATENTS_FILE: latents.to_bytes(),
    }
    if pitch:
        contents[PITCH_FILE] = onnx.parser.parse_model(pitch).SerializeToString()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    (folder / CARD_FILE).write_text(Card(files=files, **card).to_json())
    return folder
