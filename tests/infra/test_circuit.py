"""Failures in a row open a circuit, and one success closes it."""

from infra.circuit import Circuit


def test_after_failures_in_a_row_one_asks_at_a_time() -> None:
    now = 0.0
    circuit = Circuit("it", lambda: now, failures=2, pause=5.0)
    circuit.failed("slow")
    circuit.succeeded()
    circuit.failed("slow")
    assert circuit.lets_through()
    circuit.failed("slow")
    assert not circuit.lets_through()
    now = 5.0
    assert [circuit.lets_through(), circuit.lets_through()] == [True, False]
    circuit.failed("slow")
    now = 9.9
    assert not circuit.lets_through()
    now = 10.0
    assert circuit.lets_through()
    circuit.succeeded()
    assert [circuit.lets_through(), circuit.lets_through()] == [True, True]
