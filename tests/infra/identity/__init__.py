"""Credentials, sessions, links and mails."""
