"""What the engine shows of itself, read from the shared block."""

from dataclasses import dataclass, field
from typing import Any

from synth.parameters import PARAMETERS
from synth.protocol.shared_block import PARAMETER_SLOTS, SharedBlock


@dataclass(frozen=True)
class Telemetry:
    """One reading. Levels are amplitudes (1 is full scale), loads shares of the time a block lasts."""

    frame: int = 0
    """Frames rendered since the engine started."""
    rate: float = 0.0
    """Device rate in Hz; 0 before an engine runs."""
    block: int = 0
    """Frames per block."""
    driver: str = ""
    device: str = ""
    evaluator: str = ""
    instrument: str = ""
    load: float = 0.0
    """Mean over recent blocks."""
    load_peak: float = 0.0
    """The highest of recent blocks, falling slowly."""
    voices: int = 0
    peak_voices: int = 0
    """Most voices at once since the engine started."""
    notes: tuple[float, ...] = ()
    """Sounding MIDI note numbers."""
    note_x: tuple[float, ...] = ()
    note_y: tuple[float, ...] = ()
    """Where each of them is on the first pad, 0..1."""
    xruns: int = 0
    """Underflows that the device reported."""
    late_blocks: int = 0
    """Times the ring ran dry."""
    failed_blocks: int = 0
    """Blocks that were silent because rendering them failed."""
    peak_left: float = 0.0
    peak_right: float = 0.0
    rms: float = 0.0
    latency_s: float = 0.0
    """From a command's time to its sound, device included, in s: constant."""
    midi_events: int = 0
    controller: int = -1
    """channel * 128 + number of the MIDI controller that was moved last; -1: none."""
    controller_value: float = 0.0
    """0..1"""
    controller_moves: int = 0
    clock: bool = False
    """Whether a MIDI clock runs."""
    beat_began: int = 0
    """Frame at which a MIDI clock began the beat; 0: none did."""
    osc_port: int = 0
    """UDP port of this machine on which OSC is listened to; 0: none (another program has it)."""
    osc_events: int = 0
    osc_malformed: int = 0
    """OSC packets that were damaged or meant nothing."""
    late_commands: int = 0
    """Commands that arrived after the frame they were meant for."""
    refused_records: int = 0
    factor: int = 1
    """Largest oversampling factor in use."""
    factor_cap: int = 8
    """Largest one that the load allows."""
    shed_voices: int = 0
    """Voices faded because the load was too high."""
    realtime: str = "no"
    """Real-time priority of the render thread: fifo (of the system), rtkit (of the desktop's RealtimeKit), or no."""
    pad: tuple[float, float] = (0.5, 0.5)
    """Where the pad was last moved to, by whomever."""
    pad_moves: int = 0
    """The client's own moves that the engine has seen."""
    parameters: dict[str, float] = field(default_factory=dict)
    """What the engine's parameters are at, whoever set them; empty before an instrument plays."""
    tempo: float = PARAMETERS["tempo"].default
    """Beats a minute."""
    heartbeat: float = 0.0
    """Monotonic time in s of the last sign of life of the render thread."""


def read(block: SharedBlock) -> Telemetry:
    """Telemetry of a shared block; never blocks."""
    meters: dict[str, Any] = block.meters.read()
    identity: dict[str, Any] = block.identity.read()
    del identity["ready"]
    count = meters.pop("note_count")
    voices = {name: meters.pop(name)[:count] for name in ("notes", "note_x", "note_y")}
    pad = (meters.pop("pad_x"), meters.pop("pad_y"))
    meters["clock"] = bool(meters["clock"])
    parameters = _parameters(block)
    tempo = parameters.get("tempo", PARAMETERS["tempo"].default)
    return Telemetry(pad=pad, parameters=parameters, tempo=tempo, **voices, **identity, **meters)


def _parameters(block: SharedBlock) -> dict[str, float]:
    if block.present.version == 0:
        return {}
    values = block.present.read()["values"]
    return {name: values[slot] for name, slot in PARAMETER_SLOTS.items()}
