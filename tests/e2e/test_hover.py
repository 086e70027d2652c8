"""What the pointer hovers over is heard at once: measured against a key that is pressed in the same run."""

import shutil
import time

import numpy as np
import pytest

from tests.helpers.jack import read_wav
from tests.helpers.signals import onsets

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("Xvfb") is None or shutil.which("xdotool") is None, reason="Xvfb or xdotool is missing"),
]
TIMES = 5
WITHIN_S = 0.03


def test_hovering_is_heard_as_soon_as_a_key(launch, display, jack, spot, sine, tmp_path):
    """Alt held, the pointer comes onto the pad: not more than 30 ms later than a key would be."""
    launch(sine, {"Tiny phase": ("loud", "loud", "loud", "loud")})
    left, top, right, bottom = spot.pad
    middle, outside = ((left + right) // 2, (top + bottom) // 2), (5, 5)
    wav, sent = tmp_path / "hover.wav", []
    display.do("mousemove", *outside)
    with jack.recording(wav, 2.0 + 2.2 * TIMES):
        time.sleep(0.6)
        for _ in range(TIMES):
            display.do("keydown", "a")
            sent.append(time.monotonic())
            time.sleep(0.3)
            display.do("keyup", "a")
            time.sleep(0.7)
        display.do("keydown", "Alt_L")
        for _ in range(TIMES):
            display.do("mousemove", *middle)
            sent.append(time.monotonic())
            time.sleep(0.3)
            display.do("mousemove", *outside)
            time.sleep(0.7)
        display.do("keyup", "Alt_L")
    frames, rate = read_wav(wav)
    heard = onsets(frames.mean(1), rate)
    assert len(heard) == 2 * TIMES
    late = np.array(heard) - np.array(sent)
    keys, hovers = late[:TIMES], late[TIMES:]
    more = np.median(hovers) - np.median(keys)
    print(f"hovering is heard {1000 * more:.1f} ms after a key would be")
    assert more < WITHIN_S
