"""What can happen to a person."""

from datetime import datetime

from domain.shared.messages import event


@event("person.forgotten.v1")
class PersonForgotten:
    """Their key was destroyed, and with it all that had been sealed for them. Who comes back begins anew."""

    subject: str
    reason: str
    at: datetime


PersonEvent = PersonForgotten
