"""Colours by what they are for: a dark and a light look, each with data colours to taste or safe for the colour-blind."""

Palette = dict[str, str]
"""Colour (#rrggbb) of each token of ui.theme."""

DARK: Palette = {
    "ground": "#0e1116",
    "panel": "#161b22",
    "raised": "#212a35",
    "hover": "#2a3542",
    "sunken": "#0a0d11",
    "line": "#2b3541",
    "text": "#e8eef4",
    "muted": "#9ba8b6",
    "faint": "#66727f",
    "accent": "#45d6c5",
    "on_accent": "#0e1116",
    "warning": "#f5b94c",
    "warning_ground": "#2b2415",
    "danger": "#ff6b6b",
    "danger_ground": "#2e191c",
    "danger_line": "#6b3338",
    "recording": "#a8323a",
    "key_white": "#dfe5ec",
    "key_white_edge": "#aeb8c3",
    "key_black": "#14181e",
    "key_black_top": "#2d3640",
    "key_ink": "#0e1116",
    "key_edge": "#0a0d11",
    "corner1": "#3ad9c4",
    "corner2": "#4fa3ff",
    "corner3": "#a07cff",
    "corner4": "#ff70a6",
    "data1": "#3ad9c4",
    "data2": "#4fa3ff",
    "data3": "#a07cff",
    "data4": "#ff70a6",
    "data5": "#f5b94c",
    "data6": "#8bd450",
    "data7": "#ff8a5c",
    "data8": "#9ba8b6",
}

LIGHT: Palette = {
    "ground": "#e1e7ed",
    "panel": "#f0f3f6",
    "raised": "#dfe5ec",
    "hover": "#ced8e2",
    "sunken": "#ffffff",
    "line": "#bcc7d2",
    "text": "#17202a",
    "muted": "#4c5966",
    "faint": "#75818d",
    "accent": "#0a7066",
    "on_accent": "#ffffff",
    "warning": "#875200",
    "warning_ground": "#fdf3dc",
    "danger": "#bb2530",
    "danger_ground": "#fde7e8",
    "danger_line": "#dd9398",
    "recording": "#e8737b",
    "key_white": "#ffffff",
    "key_white_edge": "#dde3ea",
    "key_black": "#1d242c",
    "key_black_top": "#46525f",
    "key_ink": "#17202a",
    "key_edge": "#aab5c0",
    "corner1": "#0fa594",
    "corner2": "#2b7de0",
    "corner3": "#7c52e6",
    "corner4": "#d93f80",
    "data1": "#0c9384",
    "data2": "#2b7de0",
    "data3": "#7c52e6",
    "data4": "#d93f80",
    "data5": "#a76a00",
    "data6": "#4d8a12",
    "data7": "#cf5418",
    "data8": "#66727f",
}

# Hues after Okabe and Ito, "Color Universal Design" (2008), made lighter and darker until they can be told apart.
SAFE_DARK: Palette = {
    "accent": "#56b4e9",
    "warning": "#f0e442",
    "danger": "#f2703a",
    "corner1": "#56b4e9",
    "corner2": "#e69f00",
    "corner3": "#0063d3",
    "corner4": "#f5d9e6",
    "data1": "#75b0fe",
    "data2": "#e39300",
    "data3": "#00a172",
    "data4": "#ffde28",
    "data5": "#4877f1",
    "data6": "#cb6211",
    "data7": "#dba4a7",
    "data8": "#f2dbff",
}

SAFE_LIGHT: Palette = {
    "accent": "#0a62b0",
    "warning": "#7a5c00",
    "danger": "#9c0f3a",
    "corner1": "#508ad7",
    "corner2": "#d98e00",
    "corner3": "#102d8c",
    "corner4": "#b72a60",
    "data1": "#3c7aca",
    "data2": "#ff6811",
    "data3": "#059b6e",
    "data4": "#8fad2b",
    "data5": "#2b148e",
    "data6": "#d42114",
    "data7": "#ea75b7",
    "data8": "#566c71",
}

# Even steps of lightness from dark blue to yellow: the order is seen by everyone, and in print without colours.
RAMP = ("#1b2d63", "#2b4f8c", "#3d7397", "#52958f", "#7fb279", "#bcc861", "#f6dc4a")


def palette(*, light: bool, safe: bool) -> Palette:
    """The colours of a look."""
    return (LIGHT if light else DARK) | ((SAFE_LIGHT if light else SAFE_DARK) if safe else {})
