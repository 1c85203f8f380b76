"""A whole shop in real processes, under load, hurt at every moment; and a witness who compares afterwards."""
