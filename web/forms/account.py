"""What shoppers type to sign in, to register, and for a new password; and what to say when it cannot be done."""

from collections.abc import Mapping
from datetime import timedelta

from babel.dates import format_timedelta

from web.api.write import Refused
from web.texts.problems import faults_of, text_of

LABELS: Mapping[str, str] = {
    "email": "E-mail address",
    "password": "Password",
    "name": "Name",
    "current": "Current password",
    "new": "New password",
}
ENTER: Mapping[str, str] = {
    "email": "Enter an e-mail address, such as anna@example.com.",
    "password": "Enter a password.",
    "current": "Enter the password that you have now.",
    "new": "Enter a new password.",
}
NOT_YOUR_PASSWORD = "This is not your password."
NO_ADDRESS = "This is no e-mail address. Enter one such as anna@example.com."
TOO_MANY = "There were too many attempts. Try again {wait}."
BUSY = "The shop is busy at this moment. Press the button again."


def missing(typed: Mapping[str, str], *names: str) -> dict[str, str]:
    """What is wrong with the fields that have to be filled in and are not."""
    return {name: ENTER[name] for name in names if not typed[name]}


def faults_in(refused: Refused, labels: Mapping[str, str]) -> dict[str, str]:
    """By field; fields that the form does not have are left to its head."""
    found = {name: text for name, text in faults_of(refused).items() if name in labels}
    return {**found, "email": NO_ADDRESS} if "email" in found else found


def head_of(refused: Refused, labels: Mapping[str, str], locale: str) -> str:
    """The head of the form; empty when its fields say all."""
    if refused.status == 429:
        seconds = timedelta(seconds=int(refused.document.get("retry_after", 1)))
        return TOO_MANY.format(wait=format_timedelta(seconds, add_direction=True, locale=locale))
    return "" if faults_in(refused, labels) else text_of(refused)
