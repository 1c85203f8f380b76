"""Accounts outside the log: the index of addresses, credentials, sessions, links, signing keys and mails."""
