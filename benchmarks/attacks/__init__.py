"""Do attacks pay: ways of playing the first moments of struck and plucked notes, side by side."""
