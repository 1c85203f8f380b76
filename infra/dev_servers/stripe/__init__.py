"""A stateful Stripe of our own, which speaks Stripe's HTTP to Stripe's unchanged library; it moves no money."""
