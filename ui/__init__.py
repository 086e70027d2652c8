"""The Qt app. Talks to the engine through synth's client only."""
