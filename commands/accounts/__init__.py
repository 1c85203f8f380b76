"""Accounts: registering, logging in, passwords and addresses, over the log and the identity store."""
