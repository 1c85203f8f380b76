"""From the shopper's word to an order, or back to an open cart with nothing held."""
