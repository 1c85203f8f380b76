"""What strangers may send: requests of any shape, questions of any size, text of any kind, and clients that dawdle."""
