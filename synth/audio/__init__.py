"""Devices, the render thread and the recorder."""
