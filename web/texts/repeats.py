"""What a member of staff sends once more after signing in again: by the last part of the address of its form."""

from collections.abc import Mapping

REPEATS: Mapping[str, str] = {
    "forget": "forget the person",
    "refund": "refund the money",
    "rebuild": "rebuild the read model",
    "invite": "invite the member",
    "give": "give the role",
    "withdraw": "withdraw the role",
    "invitation": "send the invitation again",
    "second-factor": "remove the second factor",
    "remove": "remove it",
    "create": "create the role",
    "set": "change the role",
    "issue": "issue the key",
    "revoke": "revoke the key",
}
OTHERWISE = "send it again"


def repeated(name: str) -> str:
    """In words, for the end of a sentence; empty when nothing is to be repeated."""
    return REPEATS.get(name, OTHERWISE) if name else ""
