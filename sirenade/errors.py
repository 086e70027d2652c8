"""Errors a user can cause.

SirenadeError                 one clear sentence with the way out; the command exits with code 2
|- InstrumentError            a folder or file that does not keep the instrument contract
|- AudioDeviceError           no PortAudio, no such device, a rate the device refuses
|- MidiError                  no MIDI system, no such port
|- TakeError                  a take that cannot be read, written or played
|- PresetError                a preset that cannot be read or written
|- EngineError                the engine process could not be started or reached
|- DatasetError               recordings or data-set folders that cannot be used
|- TrainingError              a run that cannot be started, resumed or exported
"""


class SirenadeError(Exception):
    """Base of every error a user can cause; its text is one sentence with the way out."""


class InstrumentError(SirenadeError):
    """A folder or file that does not keep the instrument contract."""


class AudioDeviceError(SirenadeError):
    """No PortAudio library, no such device, or a rate the device refuses."""


class MidiError(SirenadeError):
    """No MIDI system on this machine, or no such port."""


class TakeError(SirenadeError):
    """A take that cannot be read, written or played."""


class PresetError(SirenadeError):
    """A preset that cannot be read or written."""


class TuningError(SirenadeError):
    """A tuning's file is damaged, or asks for what cannot be played."""


class EngineError(SirenadeError):
    """The engine process could not be started or reached."""


class DatasetError(SirenadeError):
    """Recordings or a data-set folder that cannot be used."""


class TrainingError(SirenadeError):
    """A training run that cannot be started, resumed or exported."""
