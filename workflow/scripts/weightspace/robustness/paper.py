"""What the paper reports of its central experiment (II.B.2), with which measurements are compared."""

IMAGES = 40
MISCLASSIFIED = 0.7  # "misclassified 0.7"
INTERVAL = (0.53, 0.83)  # Clopper–Pearson, 95 %, of 28 of 40
