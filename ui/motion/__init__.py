"""What moves a sound by itself: LFOs, envelopes, walk and gesture, the matrix, macros, the player of MIDI files."""
