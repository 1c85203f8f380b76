"""What can happen to API keys."""

from datetime import datetime

from domain.shared.messages import event

SUBJECT_OF_KEY = "apikey-"
"""What stands before the id of a key where it is named as the caller."""


@event("api_key.issued.v1")
class ApiKeyIssued:
    key_id: str
    name: str
    permissions: tuple[str, ...]
    expires_at: datetime


@event("api_key.revoked.v1")
class ApiKeyRevoked:
    key_id: str
    reason: str


ApiKeyEvent = ApiKeyIssued | ApiKeyRevoked
