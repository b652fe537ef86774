"""The weight space W_t = W_e + W_g + W_n: its classes, exactly and by volumes, and the cones of the paper."""

# Of weights: no training error; some, but right on enough held-out patterns; the rest.
CLASSES = ("exact", "generalised", "neither")
