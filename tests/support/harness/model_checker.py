"""The shop's processes and deciders without a runner or a store: one move at a time, and a test chooses which.

A move carries out a command, lets a process hear a fact, lets a timer fire, or lets the gateway answer. Facts of one
stream are heard in order, commands of one process instance on one stream are carried out in order; apart from that
anything may overtake anything.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from commands.routes import ROUTES, Route
from domain.payment.commands import (
    RecordActionRequired,
    RecordAuthorisation,
    RecordCapture,
    RecordCaptureFailure,
    RecordFailure,
    RecordHoldExpired,
    RecordRefund,
    RecordVoid,
)
from domain.payment.events import PaymentRequested
from domain.shared.errors import DomainError
from domain.shared.messages import name_of
from domain.shared.money import Money
from process_managers.engine.process import CancelTimer, CommandRefused, Process, Reaction, SetTimer, TimerFired
from process_managers.gateway_calls import (
    AuthoriseAtGateway,
    CaptureAtGateway,
    GatewayCommand,
    RefundAtGateway,
    VoidAtGateway,
)
from process_managers.registry import PROCESSES
from tests.support.builders.strategies import NOON

ANSWERS = ("approve", "decline", "3-D Secure", "late", "never", "wrong amount")


@dataclass(slots=True)
class Bank:
    """The gateway's own books: what it holds and what it took, by its reference."""

    held: dict[str, Money] = field(default_factory=dict)
    taken: dict[str, Money] = field(default_factory=dict)
    returned: dict[str, Money] = field(default_factory=dict)
    void: set[str] = field(default_factory=set)
    captures: int = 0

    def hold(self, ref: str, amount: Money) -> bool:
        if ref in self.void:
            return False
        self.held[ref] = amount
        return True

    def take(self, ref: str, amount: Money) -> Money | None:
        """What was taken of a hold, now or earlier; the rest is released. None when the hold is gone."""
        if self.held.pop(ref, None) is not None:
            self.captures += 1
            self.taken[ref] = amount
        return self.taken.get(ref)


@dataclass(slots=True)
class ModelChecker:
    """Everything that waits to happen. `choose(n)` picks one of n possibilities; once in `patience` a timer is early.

    The runner sees to it that no process hears a fact twice; the `forgetful` one does, at any later time.
    """

    choose: Callable[[int], int]
    patience: int = 30
    forgetful: str | None = None
    now: datetime = NOON
    log: list[Any] = field(default_factory=list)
    bank: Bank = field(default_factory=Bank)
    states: dict[str, Any] = field(default_factory=dict)
    instances: dict[tuple[str, str], Any] = field(default_factory=dict)
    timers: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    refused: list[CommandRefused] = field(default_factory=list)
    _errands: dict[Any, deque[tuple[Any, Any]]] = field(default_factory=dict)
    _facts: dict[Any, deque[Any]] = field(default_factory=dict)
    _answers: list[Callable[[], object]] = field(default_factory=list)

    def ask(self, command: Any, of: tuple[Process[Any] | Reaction, str] | None = None) -> bool:
        """Carry a command out; who asked hears of a refusal."""
        route: Route = ROUTES[type(command)]
        stream = route.stream_of(command)
        state = self.states.get(stream, route.decider.initial)
        try:
            facts = route.decider.decide(state, command)
        except DomainError as refusal:
            if of is not None:
                self._refuse(*of, command, refusal)
            return False
        self.states[stream] = route.decider.replay(facts, since=state)
        for fact in facts:
            self.log.append(fact)
            for process in PROCESSES:
                if type(fact) in process.handles and (instance := process.instance_of(fact)) is not None:
                    self._facts.setdefault((process.name, instance, stream), deque()).append(fact)
        return True

    def state(self, stream: str) -> Any:
        return self.states.get(stream)

    def moves(self) -> list[Callable[[], object]]:
        """All that could happen next; time stands still as long as anything else can happen."""
        return [
            *(partial(self._carry_out, lane) for lane, queue in self._errands.items() if queue),
            *(partial(self._hear, lane) for lane, queue in self._facts.items() if queue),
            *(partial(self._answer, number) for number in range(len(self._answers))),
        ]

    def run(self, also: Sequence[Callable[[], object]] = (), steps: int = 2000) -> Iterator[None]:
        """Move until nothing is left to happen, `also` in its order but at any time. Yields after each move."""
        waiting = deque(also)
        for _ in range(steps):
            moves = self.moves()
            if waiting:
                moves.append(lambda: waiting.popleft()())
            if self.timers and (not moves or self.choose(self.patience) == 0):
                self._ring()
            elif moves:
                moves[self.choose(len(moves))]()
            else:
                return
            yield
        raise AssertionError("It never comes to rest.")

    def _ring(self) -> None:
        key, due = min(self.timers.items(), key=lambda timer: timer[1])
        del self.timers[key]
        self.now = max(self.now, due)
        name, instance, timer = key
        self._take(name, instance, TimerFired(process=name, instance=instance, name=timer, due=due))

    def _answer(self, number: int) -> None:
        self._answers.pop(number)()

    def _hear(self, lane: Any) -> None:
        name, instance, _ = lane
        fact = self._facts[lane].popleft()
        self._take(name, instance, fact)
        if name == self.forgetful and self.choose(8) == 0:
            self._facts.setdefault((name, instance, f"again {len(self._facts)}"), deque()).append(fact)

    def _take(self, name: str, instance: str, heard: Any) -> None:
        process = next(process for process in PROCESSES if process.name == name)
        self.now += timedelta(milliseconds=1)
        if isinstance(process, Reaction):
            requests = process.react(heard, self.now)
        else:
            before = self.instances.get((name, instance), process.initial)
            after = self.instances[name, instance] = process.evolve(before, heard)
            requests = process.react(before, after, heard, self.now)
        for request in requests:
            match request:
                case SetTimer(name=timer, due=due):
                    self.timers[name, instance, timer] = due
                case CancelTimer(name=timer):
                    self.timers.pop((name, instance, timer), None)
                case _:
                    route = ROUTES.get(type(request))
                    lane = (name, instance, route.stream_of(request) if route else "gateway")
                    self._errands.setdefault(lane, deque()).append((request, (process, instance)))

    def _carry_out(self, lane: Any) -> None:
        command, of = self._errands[lane].popleft()
        if self.choose(20) == 0:
            self._answers.append(lambda: self._send(command, of))
            return
        self._send(command, of)

    def _send(self, command: Any, of: tuple[Process[Any] | Reaction, str]) -> None:
        if isinstance(command, GatewayCommand):
            self._call(command)
        else:
            self.ask(command, of)

    def _refuse(self, process: Process[Any] | Reaction, instance: str, command: Any, refusal: DomainError) -> None:
        refused = CommandRefused(
            process=process.name,
            instance=instance,
            command_id=UUID(int=len(self.refused)),
            command=name_of(command),
            error=type(refusal).__name__,
            detail=refusal.detail,
        )
        self.refused.append(refused)
        if isinstance(process, Process):
            self._facts.setdefault((process.name, instance, f"refused {len(self.refused)}"), deque()).append(refused)

    def _call(self, command: GatewayCommand) -> None:
        bank = self.bank
        match command:
            case AuthoriseAtGateway(asked=asked):
                self._authorise(asked)
            case CaptureAtGateway(asked=asked):
                if asked.gateway_ref in bank.held and self.choose(4) == 0:
                    self.ask(RecordCaptureFailure(payment_id=asked.payment_id, reason="The bank is closed."))
                elif taken := bank.take(asked.gateway_ref, asked.amount):
                    it = RecordCapture(payment_id=asked.payment_id, amount=taken, gateway_ref=asked.gateway_ref)
                    self.ask(it)
                else:
                    self.ask(RecordHoldExpired(payment_id=asked.payment_id, gateway_ref=asked.gateway_ref))
            case VoidAtGateway(asked=asked):
                ref = asked.gateway_ref
                assert ref is not None
                if taken := bank.taken.get(ref):
                    self.ask(RecordCapture(payment_id=asked.payment_id, amount=taken, gateway_ref=ref))
                    return
                bank.void.add(ref)
                bank.held.pop(ref, None)
                self.ask(RecordVoid(payment_id=asked.payment_id, gateway_ref=ref))
            case RefundAtGateway(asked=asked):
                back = bank.returned.get(asked.gateway_ref, Money(0, asked.amount.currency))
                bank.returned[asked.gateway_ref] = back + asked.amount
                self.ask(RecordRefund(payment_id=asked.payment_id, refund_id=asked.refund_id))

    def _authorise(self, asked: PaymentRequested) -> None:
        ref = f"{asked.payment_id}/{asked.attempt}"
        answer = ANSWERS[self.choose(len(ANSWERS))]
        if answer == "decline":
            self._say(RecordFailure(payment_id=asked.payment_id, attempt=asked.attempt, reason="Declined."))
        elif answer == "3-D Secure":
            self._say(
                RecordActionRequired(
                    payment_id=asked.payment_id, attempt=asked.attempt, gateway_ref=ref, action_url="https://bank"
                )
            )
            self._answers.append(lambda: self._approve(asked, ref, asked.amount))
        elif answer in ("late", "approve"):
            self._answers.append(lambda: self._approve(asked, ref, asked.amount))
        elif answer == "wrong amount":
            self._approve(asked, ref, asked.amount + asked.amount)

    def _approve(self, asked: PaymentRequested, ref: str, amount: Money) -> None:
        if self.bank.hold(ref, amount):
            self._say(
                RecordAuthorisation(
                    payment_id=asked.payment_id,
                    attempt=asked.attempt,
                    gateway_ref=ref,
                    amount=amount,
                    capture_before=self.now + timedelta(days=7),
                )
            )

    def _say(self, answer: Any) -> None:
        """By webhook, sometimes twice."""
        for _ in range(1 + (self.choose(3) == 0)):
            self._answers.append(lambda: self.ask(answer))
