"""Rules and laws of the shipment."""
