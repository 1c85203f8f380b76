"""Staff and API keys, where a command needs more than the log: addresses, mails and secrets."""
