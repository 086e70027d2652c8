import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.parameters import PARAMETERS
from ui.state import scale


@given(st.sampled_from(sorted(PARAMETERS)), st.floats(0.0, 1.0))
def test_positions_come_back(name, position):
    parameter = PARAMETERS[name]
    value = parameter.at(position)
    assert parameter.low <= value <= parameter.high
    assert parameter.place(value) == pytest.approx(position, abs=1e-6)


@pytest.mark.parametrize("position", [-1.0, 2.0])
def test_a_position_outside_stops_at_the_end(position):
    parameter = PARAMETERS["release"]
    assert parameter.at(position) in (parameter.low, pytest.approx(parameter.high))


def test_a_log_taper_gives_short_times_most_of_the_travel():
    assert PARAMETERS["attack"].at(0.5) < 0.05 * PARAMETERS["attack"].high


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("attack", 0.002, "2.0 ms"),
        ("release", 0.15, "150 ms"),
        ("decay", 1.2, "1.20 s"),
        ("level", -6.0, "−6.0 dB"),
        ("bend_range", 2.0, "2 st"),
        ("vibrato_rate", 5.5, "5.5 Hz"),
        ("width", 0.3, "30 %"),
        ("cursor", 1.0, "One-shot"),
    ],
)
def test_values_are_written_as_players_read_them(name, value, text):
    assert scale.text(PARAMETERS[name], value) == text
