"""What can be asked about a person."""

from datetime import datetime

from domain.shared.messages import command


@command("person.forget.v1")
class ForgetPerson:
    """Their personal data shall be unreadable from now on. `reason` says who asked for it, and on what grounds."""

    subject: str
    reason: str
    at: datetime


PersonCommand = ForgetPerson
