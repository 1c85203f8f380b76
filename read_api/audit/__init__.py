"""Questions of auditors: the history of a stream, and what was true at a time."""
