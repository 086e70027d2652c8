"""Opening the device that the settings ask for, or the next best where they leave that open."""

from collections.abc import Callable

from sirenade.errors import AudioDeviceError
from synth.audio.driver import Driver
from synth.audio.jack import JackDriver
from synth.audio.silent import SilentDriver
from synth.notices import DeviceChanged
from synth.settings import EngineSettings

SILENT_RATE = 48000


def open_driver(settings: EngineSettings, tell: Callable[[DeviceChanged], None]) -> Driver:
    """A driver that was started. `auto` takes what there is, silence in the end, and tells what it could not have.

    Raises AudioDeviceError with one sentence where the settings forbid to go on without.
    """
    if settings.driver == "silent":
        return _silent(settings)
    wishes = [(settings.device, settings.rate)]
    if settings.driver == "auto":
        wishes += [(settings.device, None), (None, None)]
    reasons = []
    for device, rate in dict.fromkeys(wishes):
        try:
            driver = _open(settings, device, rate)
        except AudioDeviceError as error:
            if settings.driver != "auto":
                raise
            reasons.append(str(error).split(";")[0].rstrip("."))  # the way out is the one taken here
            continue
        if reasons:
            tell(DeviceChanged(f"{reasons[0]}; playing on {driver.device} at {driver.rate:.0f} Hz."))
        return driver
    tell(DeviceChanged(f"{reasons[0]}; playing without sound."))
    return _silent(settings)


def _silent(settings: EngineSettings) -> Driver:
    return SilentDriver(settings.rate or SILENT_RATE, settings.block, settings.ahead)


def _open(settings: EngineSettings, device: str | None, rate: float | None) -> Driver:
    driver: Driver
    if settings.driver != "portaudio":
        midi = settings.virtual_midi or settings.midi_inputs != ()
        try:
            driver = JackDriver(device, rate, settings.block, settings.ahead, midi)
        except LookupError as error:
            if settings.driver == "jack":
                raise AudioDeviceError(f"{error}; start one, or play with --driver auto.") from None
        else:
            driver.start()
            return driver
    from synth.audio.portaudio import PortAudioDriver

    driver = PortAudioDriver(device, rate, settings.block, settings.ahead)
    driver.start()
    return driver
