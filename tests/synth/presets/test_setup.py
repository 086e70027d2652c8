"""A preset without a window: `sirenade render --preset` sounds as the preset says."""

import sys

import mido
import numpy as np
import pytest
import soundfile

from sirenade import cli
from synth.presets.patch import PadState, Patch
from synth.presets.preset import SUFFIX, Preset, write_preset
from tests.helpers.tiny_instrument import make_time_instrument


@pytest.fixture
def song(tmp_path):
    track = mido.MidiTrack([mido.Message("note_on", note=69, velocity=127), mido.Message("note_off", note=69, time=240)])
    mido.MidiFile(tracks=[track]).save(tmp_path / "song.mid")
    return tmp_path / "song.mid"


def render(monkeypatch, song, out, *options):
    monkeypatch.setattr(sys, "argv", ["sirenade", "render", str(song), str(out), "--depth", "float", *map(str, options)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    return float(np.abs(soundfile.read(out)[0]).max())


def test_a_render_with_a_preset_is_on_its_instrument_with_its_corners_and_level(tmp_path, song, monkeypatch):
    instrument = make_time_instrument(tmp_path / "tiny")  # its last anchor is four times as loud as its second

    def peak(corner, level):
        pads = (PadState(corners=(corner,) * 4), *(PadState(),) * 3)
        path = tmp_path / f"p{SUFFIX}"
        write_preset(Preset(name="p", patch=Patch(instrument=str(instrument), pads=pads, parameters={"level": level})), path)
        return render(monkeypatch, song, tmp_path / "out.wav", "--preset", path)

    names = [f"{name}" for name in _names(instrument)]
    loud, soft, low = peak(names[3], -6.0), peak(names[1], -6.0), peak(names[3], -26.0)
    assert 20 * np.log10(loud / low) == pytest.approx(20.0, abs=0.1)
    assert loud / soft == pytest.approx(4.0, rel=0.02)


def _names(instrument):
    from synth.instrument import load

    return load(instrument).latents.names
