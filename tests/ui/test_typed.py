"""What players type for values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.parameters import PARAMETERS
from ui.state import scale, typed


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("attack", "1.2 s", 1.2),
        ("attack", "80ms", 0.08),
        ("attack", "99 s", 10.0),
        ("level", "-6 dB", -6.0),
        ("level", "\u22126", -6.0),
        ("filter_cutoff", "440 Hz", 440.0),
        ("filter_cutoff", "2k", 2000.0),
        ("filter_cutoff", "2,5 kHz", 2500.0),
        ("filter_cutoff", "A4", 440.0),
        ("width", "50 %", 0.5),
        ("bend_range", "12 st", 12.0),
        ("tune", "-.5 st", -50.0),
        ("glide", "off", 0.0),
        ("cursor", "Ping-Pong", 3.0),
        ("tempo", "93.5 bpm", 93.5),
    ],
)
def test_values_with_units_are_understood(name, text, value):
    assert typed.parse(PARAMETERS[name], text) == pytest.approx(value)


@pytest.mark.parametrize(("shown", "value"), [("150 ms", 0.2), ("1.20 s", 10.0), ("", 10.0)])
def test_a_bare_number_is_in_the_unit_that_is_shown(shown, value):
    assert typed.parse(PARAMETERS["attack"], "200", shown) == pytest.approx(value)


@pytest.mark.parametrize(("name", "text"), [("attack", ""), ("attack", "soon"), ("attack", "3 dB"), ("cursor", "sideways")])
def test_what_means_nothing_is_refused(name, text):
    assert typed.parse(PARAMETERS[name], text) is None


@given(st.sampled_from(sorted(PARAMETERS)), st.floats(0.0, 1.0))
def test_what_a_control_shows_can_be_typed_back(name, position):
    """As near as the shown digits are."""
    parameter = PARAMETERS[name]
    value = parameter.at(position)
    shown = scale.text(parameter, value)
    again = typed.parse(parameter, shown, shown)
    assert again is not None
    assert scale.text(parameter, again) == shown


@given(st.sampled_from(sorted(PARAMETERS)), st.text(max_size=12))
def test_no_text_gives_a_value_out_of_range(name, text):
    parameter = PARAMETERS[name]
    value = typed.parse(parameter, text)
    assert value is None or parameter.low <= value <= parameter.high
