"""The harmonic field: an instrument as partials of a phase plus shaped noise, driven by a slow network."""
