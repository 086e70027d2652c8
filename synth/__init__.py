"""The real-time host: instruments, the engine, devices, MIDI and the engine process."""
