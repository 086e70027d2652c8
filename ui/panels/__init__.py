"""The window's regions: each joins a few widgets to the session."""
