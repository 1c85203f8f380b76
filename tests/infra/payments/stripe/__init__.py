"""Tests of payments at Stripe, against the stateful server of infra/dev_servers/stripe."""
