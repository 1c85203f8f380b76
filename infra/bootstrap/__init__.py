"""The composition root and the parts: which adapter stands behind which port, and how each part starts."""
