"""What shoppers type to sign in, to register, and for a new password; and what to say when it cannot be done."""

from collections.abc import Mapping
from datetime import timedelta

from babel.dates import format_timedelta

from web.api.write import Refused
from web.texts.languages import noted
from web.texts.markets import Market
from web.texts.problems import faults_of, text_of

LABELS: Mapping[str, str] = {
    "email": noted("E-mail address"),
    "password": noted("Password"),
    "name": noted("Name"),
    "current": noted("Current password"),
    "new": noted("New password"),
}
ENTER: Mapping[str, str] = {
    "email": noted("Enter an e-mail address, such as anna@example.com."),
    "password": noted("Enter a password."),
    "current": noted("Enter the password that you have now."),
    "new": noted("Enter a new password."),
}
NOT_YOUR_PASSWORD = noted("This is not your password.")
NO_ADDRESS = noted("This is no e-mail address. Enter one such as anna@example.com.")
TOO_MANY = noted("There were too many attempts. Try again %(wait)s.")
BUSY = noted("The shop is busy at this moment. Press the button again.")


def missing(typed: Mapping[str, str], *names: str) -> dict[str, str]:
    """What is wrong with the fields that have to be filled in and are not."""
    return {name: ENTER[name] for name in names if not typed[name]}


def faults_in(refused: Refused, labels: Mapping[str, str], market: Market) -> dict[str, str]:
    """By field; fields that the form does not have are left to its head."""
    known = faults_of(refused, english=market.is_english)
    found = {name: text for name, text in known.items() if name in labels}
    return {**found, "email": NO_ADDRESS} if "email" in found else found


def head_of(refused: Refused, labels: Mapping[str, str], market: Market) -> str:
    """The head of the form; empty when its fields say all."""
    if refused.status == 429:
        seconds = timedelta(seconds=int(refused.document.get("retry_after", 1)))
        wait = format_timedelta(seconds, add_direction=True, locale=market.locale)
        return market.say(TOO_MANY) % {"wait": wait}
    return "" if faults_in(refused, labels, market) else text_of(refused, english=market.is_english)
