"""The bank's page where shoppers prove who they are (3-D Secure)."""

from html import escape
from urllib.parse import urlencode

from infra.dev_servers.stripe import intents, setup_intents
from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.forms import Json

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Test bank</title><main><h1>Test bank</h1><p>Payment <code>{id}</code></p>
<form method="post" action="{id}/approve"><button>Complete</button></form>
<form method="post" action="{id}/deny"><button>Fail</button></form></main></html>"""


class Bank:
    """Knows who answered what."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def approve(self, id: str) -> str:
        """The shopper is who they say; where they go next."""
        return self._answer(id, proven=True)

    def deny(self, id: str) -> str:
        """The shopper gives up, or is another; where they go next."""
        return self._answer(id, proven=False)

    def page(self, id: str) -> str:
        """Raises Refused for an intent that there is not."""
        self._intent(id)
        return PAGE.format(id=escape(id, quote=True))

    def _answer(self, id: str, *, proven: bool) -> str:
        self._account.catch_up()
        intent = self._intent(id)
        action = (intent["next_action"] or {}).get("redirect_to_url") or {}
        module = setup_intents if intent["object"] == "setup_intent" else intents
        module.authenticated(self._account, intent, proven=proven)
        back = str(action.get("return_url") or "")
        query = urlencode(
            {
                intent["object"]: id,
                f"{intent['object']}_client_secret": intent["client_secret"],
                "redirect_status": "succeeded" if proven else "failed",
            }
        )
        return f"{back}{'&' if '?' in back else '?'}{query}" if back else ""

    def _intent(self, id: str) -> Json:
        kind = "setup_intent" if id.startswith("seti_") else "payment_intent"
        return self._account.find(kind, id, "intent")
