"""Stripe as the payment gateway: calls, webhooks, and what Stripe's objects mean to a payment."""
