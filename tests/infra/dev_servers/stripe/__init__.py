"""The contract of our Stripe, over the library that Stripe publishes."""
