"""The table of actions: what menus, shortcuts and their list show, and what each one calls."""

from dataclasses import dataclass
from typing import Literal

Owner = Literal["session", "window"]
MENUS = ("file", "edit", "sound", "play", "view", "help")
"""Menus from left to right; their titles are `MENU_TITLES`."""
MENU_TITLES = {
    "file": "&File",
    "edit": "&Edit",
    "sound": "&Sound",
    "play": "&Play",
    "view": "&View",
    "help": "&Help",
}


@dataclass(frozen=True)
class Action:
    """One thing that can be done by menu and key. Texts are English and go through `tr` where they are shown.

    `calls` is the method of the session or of the window that does it, with `arguments`.
    """

    name: str
    text: str
    shortcut: str
    menu: str
    owner: Owner
    calls: str
    arguments: tuple[object, ...] = ()
    tip: str = ""
    checkable: bool = False
    group: int = 0
    """Actions of a menu whose numbers differ stand on either side of a line."""


ACTIONS: tuple[Action, ...] = (
    Action("save_preset", "&Save preset\u2026", "Ctrl+S", "file", "window", "ask_preset", tip="Keep this sound as a preset"),
    Action("open_files", "&Open\u2026", "Ctrl+O", "file", "window", "ask_files", tip="Sounds, presets, instruments, MIDI"),
    Action("find_instruments", "&Look for instruments again", "F5", "file", "session", "find_instruments"),
    Action("record", "&Record the output", "Ctrl+R", "file", "session", "toggle_recording", group=1, checkable=True),
    Action("settings", "&Audio and MIDI\u2026", "Ctrl+,", "file", "window", "ask_settings", group=2),
    Action("preferences", "&Preferences\u2026", "Ctrl+Shift+,", "file", "window", "ask_preferences", group=2),
    Action("quit", "&Quit", "Ctrl+Q", "file", "window", "close", group=3),
    Action("undo", "&Undo", "Ctrl+Z", "edit", "session", "undo"),
    Action("redo", "&Redo", "Ctrl+Shift+Z", "edit", "session", "redo"),
    Action("swap_ab", "Swap &A and B", "Ctrl+B", "edit", "session", "swap_ab", group=1),
    Action("copy_ab", "&Copy to the other side", "Ctrl+Shift+B", "edit", "session", "copy_ab", group=1),
    Action("previous_preset", "&Previous preset", "Ctrl+Up", "sound", "session", "step_preset", (-1,)),
    Action("next_preset", "&Next preset", "Ctrl+Down", "sound", "session", "step_preset", (1,)),
    Action("favourite", "&Favourite", "Ctrl+D", "sound", "session", "toggle_favourite", checkable=True),
    Action("browse", "&Browse presets", "Ctrl+F", "sound", "window", "show_browser"),
    Action("init", "&Initial patch", "Ctrl+N", "sound", "session", "reset_patch", group=1, tip="All at its default"),
    Action("panic", "&Panic", "Esc", "play", "session", "panic", tip="Silence everything at once"),
    Action("octave_down", "Octave &down", "", "play", "session", "shift_octave", (-1,), tip="The key Z", group=1),
    Action("octave_up", "Octave &up", "", "play", "session", "shift_octave", (1,), tip="The key X", group=1),
    Action("record_gesture", "Record a &gesture", "Ctrl+G", "play", "session", "toggle_gesture", group=2, checkable=True),
    Action("play_file", "Play or stop the &MIDI file", "Ctrl+Space", "play", "session", "toggle_midi_file", group=2),
    Action("hover", "&Hear what is under the mouse", "Ctrl+H", "view", "window", "toggle_hover", checkable=True),
    Action("tile_pads", "&Tile the pads", "Ctrl+T", "view", "window", "toggle_tiles", checkable=True),
    Action("pictures", "Show &pictures of the sound", "Ctrl+P", "view", "window", "toggle_pictures", checkable=True, group=1),
    Action("macros", "Show &macros", "Ctrl+M", "view", "window", "toggle_macros", checkable=True, group=1),
    Action("shortcuts", "&Keyboard shortcuts", "F1", "help", "window", "show_shortcuts"),
    Action("first_run", "&First steps", "", "help", "window", "show_first_run"),
    Action("about", "&About Sirenade", "", "help", "window", "show_about"),
)
BY_NAME = {action.name: action for action in ACTIONS}
"""All actions by name."""


def in_menu(menu: str) -> list[Action]:
    """Actions of one menu, in order."""
    return [action for action in ACTIONS if action.menu == menu]
