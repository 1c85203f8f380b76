"""What the read API answers to administrators about staff, roles and API keys."""

from typing import Any

from tests.support.fixtures.pages import Browser, data
from tests.web.back_office.answers import AT, connection, me
from web.ports import Reply

ADA = {
    "subject": "ada",
    "email": "ada@shop.example",
    "name": "Ada <b>Byron</b>",
    "roles": ["administrator"],
    "invitedAt": AT,
    "joinedAt": AT,
}
BEN = {**ADA, "subject": "staff-2", "email": "ben@shop.example", "name": None, "roles": [], "joinedAt": None}
ROLES = [
    {"role": "administrator", "permissions": ["orders", "admin"], "secondFactor": True, "members": 1},
    {"role": "night.shift", "permissions": [], "secondFactor": False, "members": 0},
]
KEY = {
    "keyId": "k1",
    "name": "Label printer",
    "permissions": ["fulfilment"],
    "issuedAt": AT,
    "expiresAt": "2027-05-01T00:00:00+00:00",
    "revokedAt": None,
    "lastUsed": None,
}


def staff_page(*found: dict[str, Any], **more: Any) -> Reply:
    return data(me=me("admin"), roles=[{"role": it["role"]} for it in ROLES], **connection("staff", *found, **more))


def keys_page(*keys: dict[str, Any]) -> Reply:
    return data(me=me("admin"), **connection("apiKeys", *keys))


def sent(browser: Browser) -> list[tuple[str, str, Any]]:
    return [(it.method, it.path, it.body) for it in browser.write.sent]
