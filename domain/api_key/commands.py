"""What can be asked of API keys."""

from datetime import datetime

from domain.shared.messages import command


@command("api_key.issue.v1")
class IssueApiKey:
    """The secret of the key is no part of it: the log holds neither a key nor a digest of one."""

    key_id: str
    name: str
    permissions: tuple[str, ...]
    at: datetime
    expires_at: datetime


@command("api_key.revoke.v1")
class RevokeApiKey:
    key_id: str
    reason: str


ApiKeyCommand = IssueApiKey | RevokeApiKey
