"""Audio drivers and the ring between the render thread and the device."""
