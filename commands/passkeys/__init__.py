"""Passkeys (WebAuthn) of shoppers and staff: adding, logging in, renaming and removing."""
