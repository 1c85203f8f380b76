"""Who owns a SKU."""
