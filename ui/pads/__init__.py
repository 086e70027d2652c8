"""What pads show: the map of sounds, its contours, the plane, the hand's way. The mathematics know no widget."""
