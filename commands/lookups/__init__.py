"""Facts that a command needs from other streams before it can be decided."""
