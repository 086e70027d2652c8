"""Networks: coordinates and modulations in, samples out."""
