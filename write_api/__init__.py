"""The command API: every change of the shop comes in here."""
