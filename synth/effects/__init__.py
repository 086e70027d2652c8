"""Effects: a filter for each voice, and drive, chorus, delay and reverb for all of them, as machine code made at load."""
