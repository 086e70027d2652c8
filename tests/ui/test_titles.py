import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.state.titles import titles


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["orchestral_harp-060-100", "speech/two"], ["Orchestral harp", "Two"]),
        (["Electric piano 1", "choir aahs"], ["Electric piano 1", "Choir aahs"]),
        (["koto-060-100", "koto-072-100", "gong-036-127"], ["Koto C4", "Koto C5", "Gong"]),
        (["koto-060-050", "koto-060-100"], ["Koto C4 50", "Koto C4 100"]),
        (["a/two", "b/two"], ["a/two", "b/two"]),
        (["kick-808", "_", "x/"], ["Kick-808", "_", "X/"]),
    ],
)
def test_titles_are_what_a_player_calls_a_sound(names, wanted):
    assert titles(names) == tuple(wanted)


NAMES = st.lists(st.text("ab_/-019", min_size=1, max_size=12), unique=True, max_size=8)


@given(NAMES)
def test_there_is_a_title_for_every_name_and_none_is_empty(names):
    made = titles(names)
    assert len(made) == len(names)
    assert all(made)
