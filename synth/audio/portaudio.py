"""PortAudio's devices through rtmixer: a callback in C takes frames from a ring that the render thread fills.

rtmixer drops a ring that ran dry from its list and plays silence from then on, without a word: `queued` notices it in the
list of actions, counts it, and plays the ring anew once it is filled. After the death of a sound server PortAudio's stop and
close hang for ever, so nobody may call `close` on a driver that is not alive.
"""

import sys
import time
from typing import Any

from sirenade.errors import AudioDeviceError
from synth.audio.driver import CHANNELS, Block, Taken, ring_target
from synth.devices import Output

JACK = "JACK Audio Connection Kit"
INVALID_RATE = "-9997"
STATS_S = 0.25
BURST_WAIT_S = 3.0
STALL_S = 5.0
"""PulseAudio may pause a stream for two seconds and go on; what rests for longer has gone."""
_FRAME_BYTES = 4 * CHANNELS
_RING_FRAMES = 1 << 16


def _sounddevice() -> Any:  # noqa: ANN401 (a module without types)
    """The sounddevice module with PortAudio fresh: a JACK server that started meanwhile is only then seen."""
    known = "sounddevice" in sys.modules
    try:
        import sounddevice
    except OSError as error:
        raise AudioDeviceError(
            f"the PortAudio library cannot be loaded ({error}); install it (Debian and Ubuntu: libportaudio2), "
            "or play without sound with --driver silent."
        ) from None
    if known:
        sounddevice._terminate()
        sounddevice._initialize()
    return sounddevice


def outputs() -> list[Output]:
    """Every output device, the one that is chosen by default marked. Raises AudioDeviceError without PortAudio."""
    sd = _sounddevice()
    apis, default = sd.query_hostapis(), _default_index(sd)
    return [
        Output(
            device["name"],
            apis[device["hostapi"]]["name"],
            device["max_output_channels"],
            device["default_samplerate"],
            index == default,
        )
        for index, device in enumerate(sd.query_devices())
        if device["max_output_channels"] > 0
    ]


def _default_index(sd: Any) -> int:  # noqa: ANN401
    """Default output: JACK's while a JACK server runs, else the system's; -1 where there is none."""
    apis = sd.query_hostapis()
    jack = [api["default_output_device"] for api in apis if api["name"] == JACK]
    return next((index for index in [*jack, sd.default.device[1]] if index >= 0), -1)


def _find(sd: Any, name: str | None) -> int:  # noqa: ANN401
    """Index of the output called `name` (or whose name holds it, ignoring case); None: the default."""
    listed = [(index, device["name"]) for index, device in enumerate(sd.query_devices()) if device["max_output_channels"] > 0]
    if name is None:
        if (default := _default_index(sd)) >= 0:
            return default
        raise AudioDeviceError("this machine has no audio output; connect one, or play without sound with --driver silent.")
    exact = [index for index, known in listed if known == name]
    partial = [index for index, known in listed if name.lower() in known.lower()]
    for index in [*exact, *partial]:
        return index
    known = ", ".join(dict.fromkeys(known for _, known in listed)) or "none"
    raise AudioDeviceError(f"there is no audio output called {name!r}; there are: {known}.")


class PortAudioDriver:
    """An output stream of PortAudio. See synth.audio.driver.Driver."""

    name = "portaudio"

    def __init__(self, device: str | None, rate: float | None, block: int, ahead: int) -> None:
        """Open `device` (part of its name; None: the default) at `rate` Hz (None: its own), `ahead` blocks kept ready.

        Raises AudioDeviceError with one sentence.
        """
        sd = _sounddevice()
        import rtmixer

        index = _find(sd, device)
        info = sd.query_devices(index)
        self._jack = sd.query_hostapis(info["hostapi"])["name"] == JACK
        self.device = str(info["name"])
        self.rate = float(rate or info["default_samplerate"])
        self.xruns = self.dry = 0
        self._block, self._ahead = block, ahead
        self._sd = sd
        if info["max_output_channels"] < CHANNELS:
            raise AudioDeviceError(f"the audio output {self.device} has fewer than two channels; choose another one.")
        try:
            sd.check_output_settings(device=index, samplerate=self.rate, channels=CHANNELS, dtype="float32")
            # JACK dictates its block; any other size would only arrive in bursts of the server's
            self._mixer = rtmixer.Mixer(
                device=index, samplerate=self.rate, channels=CHANNELS, blocksize=0 if self._jack else block, latency="low"
            )
        except (sd.PortAudioError, ValueError) as error:
            raise AudioDeviceError(self._refusal(error, float(info["default_samplerate"]))) from None
        self._ring = rtmixer.RingBuffer(_FRAME_BYTES, _RING_FRAMES)
        self._action: Any = None
        self._stats: Any = None
        self._stats_at = 0.0
        self._progress = (0.0, 0)
        self._written = 0
        self.burst, self.target = block, ring_target(block, ahead, block)
        self.latency_s = float(self._mixer.latency)

    def _refusal(self, error: Exception, own_rate: float) -> str:
        """Sentence for an error of PortAudio's at opening."""
        if INVALID_RATE in str(error):
            return f"the audio output {self.device} refuses {self.rate:.0f} Hz; its own rate is {own_rate:.0f} Hz."
        return f"the audio output {self.device} cannot be opened; another program may hold it ({error})."

    def start(self) -> None:
        """Start the stream and learn how many frames the device takes at a time. Raises AudioDeviceError."""
        try:
            self._mixer.start()
        except self._sd.PortAudioError as error:
            raise AudioDeviceError(f"the audio output {self.device} does not start ({error}).") from None
        end = time.monotonic() + BURST_WAIT_S
        while time.monotonic() < end:
            stats = self._mixer.fetch_and_reset_stats()
            while stats in self._mixer.actions and time.monotonic() < end:
                self._sd.sleep(5)
            if stats not in self._mixer.actions and stats.stats.blocks > 0:
                self.burst = int(stats.stats.max_blocksize)
                self.target = ring_target(self._block, self._ahead, self.burst)
                if self._jack:  # PortAudio asks before it is connected, and is told a period too little
                    self.latency_s = float(self._mixer.latency) + self.burst / self.rate
                self._progress = (time.monotonic(), 0)
                return
        raise AudioDeviceError(f"the audio output {self.device} was opened but takes no sound; choose another one.")

    def queued(self) -> int:
        """Frames in the ring; counts xruns and arms the ring again after it ran dry."""
        now = time.monotonic()
        active = self._mixer.actions
        if self._stats is None and now - self._stats_at > STATS_S:
            self._stats, self._stats_at = self._mixer.fetch_and_reset_stats(), now
        elif self._stats is not None and self._stats not in active:
            self.xruns += int(self._stats.stats.output_underflows)
            self._stats = None
        queued = int(self._ring.read_available)
        if self._action is not None and self._action not in active:
            self._action = None
            self.dry += 1
        if self._action is None and queued >= self.target:
            self._action = self._mixer.play_ringbuffer(self._ring)
        if self._written - queued != self._progress[1] or self._action is None:
            self._progress = (now, self._written - queued)
        return queued

    def write(self, block: Block) -> None:
        """Put [n, 2] frames into the ring."""
        if self._written == 0:
            self._mixer.fetch_and_reset_stats()  # what the server suffered while we started is none of ours
        self._written += int(self._ring.write(block))

    def taken(self) -> Taken | None:
        """What a look at the ring can tell: it is later than the burst by up to the time between two looks."""
        consumed = self._written - int(self._ring.read_available)
        if self._action is None or consumed < self.burst:
            return None
        first = consumed - self.burst
        return Taken(time.monotonic(), first, first)

    @property
    def alive(self) -> bool:
        """False once the stream has stopped by itself or takes nothing any more."""
        return bool(self._mixer.active) and time.monotonic() - self._progress[0] < STALL_S

    def close(self) -> None:
        """Stop, and take PortAudio down while the sound server still lives: it aborts the process otherwise."""
        self._mixer.abort()
        self._mixer.close()
        self._sd._terminate()
