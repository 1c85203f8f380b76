"""From a checked-out cart to an order, or back to an open cart with nothing held."""
