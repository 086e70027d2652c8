"""Which device is opened where the one that is asked for is not to be had, and what is told of it."""

import pytest

from sirenade.errors import AudioDeviceError
from synth.audio import opening, portaudio
from synth.audio.opening import open_driver
from synth.audio.silent import SilentDriver
from synth.settings import EngineSettings


class Device:
    """PortAudio's driver where the only device is called Speakers and plays at 48 kHz."""

    refuses_all = False

    def __init__(self, device, rate, block, ahead):
        if self.refuses_all or device not in (None, "Speakers") or rate not in (None, 48000):
            raise AudioDeviceError(f"{device} at {rate} is not to be had; choose another.")
        self.device, self.rate, self.started = "Speakers", 48000.0, False

    def start(self):
        self.started = True


@pytest.fixture
def devices(monkeypatch):
    def no_server(*_):
        raise LookupError("no JACK server runs")

    monkeypatch.setattr(opening, "JackDriver", no_server)
    monkeypatch.setattr(portaudio, "PortAudioDriver", Device)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, []),
        ({"rate": 44100}, ["None at 44100 is not to be had; playing on Speakers at 48000 Hz."]),
        ({"device": "Headphones"}, ["Headphones at None is not to be had; playing on Speakers at 48000 Hz."]),
    ],
)
def test_auto_takes_the_next_best_and_says_so(devices, asked, told):
    notices = []
    driver = open_driver(EngineSettings(driver="auto", **asked), notices.append)
    assert isinstance(driver, Device) and driver.started
    assert [notice.reason for notice in notices] == told


def test_auto_plays_without_sound_where_there_is_nothing(devices, monkeypatch):
    monkeypatch.setattr(Device, "refuses_all", True)
    notices = []
    driver = open_driver(EngineSettings(driver="auto", rate=44100), notices.append)
    assert isinstance(driver, SilentDriver) and driver.rate == 44100
    assert [notice.reason for notice in notices] == ["None at 44100 is not to be had; playing without sound."]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"driver": "jack"}, "no JACK server runs; start one, or play with --driver auto"),
        ({"driver": "portaudio", "device": "Headphones"}, "Headphones at None is not to be had"),
    ],
)
def test_a_device_that_is_insisted_on_is_a_reason_not_to_start(devices, asked, reason):
    notices = []
    with pytest.raises(AudioDeviceError, match=reason):
        open_driver(EngineSettings(**asked), notices.append)
    assert not notices
