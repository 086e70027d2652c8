"""Latent inference: where the latents of the training sounds come from."""
