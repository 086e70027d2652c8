"""Drawing: waveforms of any latent, made in a process of lowest priority, so that the engine never waits."""
