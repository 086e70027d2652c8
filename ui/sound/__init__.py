"""The pages that shape a sound: voice, pitch, cursor, keys, effects; each takes the session and listens to it."""
