"""Payment gateways: who holds and moves the money."""
