"""What the witness says of one command that was sent twice."""

from collections.abc import Sequence
from uuid import uuid5

import pytest

from domain.shared.ids import Sku, Warehouse
from domain.stock.events import StockReceived
from tests.support.builders.event_log_builder import Log
from tests.torture.log import Truth
from tests.torture.record import Answered, Asked
from tests.torture.verdict import Judgement
from write_api.http.context import NAMESPACE

ASKED = Asked("anna", "key", "POST", "/stock/MAIN/MUG/receipts", {"quantity": 5})
ACCEPTED = Answered("anna", "key", 202, {"position": "1", "revision": 0})
REFUSED = Answered("anna", "key", 409, {})


@pytest.mark.parametrize(
    ("answers", "failures"),
    [
        ([ACCEPTED, ACCEPTED], 0),
        ([REFUSED, ACCEPTED], 0),
        ([ACCEPTED, REFUSED], 1),
        ([REFUSED, REFUSED], 2),
    ],
)
def test_whoever_was_refused_may_be_accepted_later_but_not_the_other_way_round(
    answers: Sequence[Answered], failures: int
) -> None:
    log = Log()
    (recorded,) = log.tell(StockReceived(sku=Sku("MUG"), warehouse=Warehouse("MAIN"), quantity=5))
    metadata = recorded.metadata._replace(command_id=uuid5(NAMESPACE, "anna\nkey"))
    truth = Truth([recorded._replace(metadata=metadata)], {})
    judgement = Judgement([ASKED, ASKED, *answers], truth, frozenset())
    judgement.checks()
    assert (judgement.refused.failures, judgement.once.failures) == (failures, 0)
