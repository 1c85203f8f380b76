"""Pricing: from lines, promotions and a delivery at a moment to a quote that explains itself."""
