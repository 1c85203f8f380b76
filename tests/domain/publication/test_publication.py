"""Whoever sends a dead letter again twice has sent it once."""

from uuid import UUID

from domain.publication.commands import RequestPublication
from domain.publication.decider import Publication, publication_decider
from domain.publication.events import PublicationRequested

ID = UUID(int=7)
REQUESTED = PublicationRequested(event_id=ID, stream="order-1", revision=3)


def request(asked: int) -> RequestPublication:
    return RequestPublication(event_id=ID, stream="order-1", revision=3, asked=asked)


def test_a_letter_is_sent_again_once_and_one_that_came_back_once_more() -> None:
    once, twice = publication_decider.replay([REQUESTED]), publication_decider.replay([REQUESTED] * 2)
    assert (once, twice) == (Publication(1), Publication(2))
    assert list(publication_decider.decide(Publication(), request(0))) == [REQUESTED]
    assert list(publication_decider.decide(once, request(0))) == []
    assert list(publication_decider.decide(once, request(1))) == [REQUESTED]
    assert list(publication_decider.decide(twice, request(1))) == []
