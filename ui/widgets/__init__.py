"""Widgets. They show the session and send gestures to it; they hold no state of their own that matters."""
