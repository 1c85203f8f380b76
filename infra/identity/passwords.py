"""Passwords, hashed with Argon2id by OWASP's parameters (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane)."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from commands.accounts.errors import Busy
from infra.identity.common_passwords import check

T = TypeVar("T")

OWASP = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
WAITING = 32
"""Passwords that may wait for each thread; with two passes of 19 MiB that is about a second."""


@dataclass(slots=True)
class Argon2Passwords:
    """Implements commands.accounts.ports.Passwords. Argon2 runs in threads of its own, without the interpreter's lock.

    `threads` bounds what is hashed at once, and so the memory; `waiting` bounds the queue.
    """

    hasher: PasswordHasher = OWASP
    threads: int = field(default_factory=lambda: max(1, len(os.sched_getaffinity(0)) // 2))
    waiting: int = WAITING
    _under_way: int = 0
    _pool: ThreadPoolExecutor = field(init=False, repr=False)
    _nobodys: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="passwords")
        self._nobodys = self.hasher.hash(os.urandom(16).hex())

    async def hash(self, password: str) -> bytes:
        return (await self._apart(partial(self.hasher.hash, password))).encode()

    async def verify(self, password: str, hashed: bytes | None) -> bool:
        right = await self._apart(partial(self._is_right, password, self._nobodys if hashed is None else hashed))
        return right and hashed is not None

    def is_outdated(self, hashed: bytes) -> bool:
        return self.hasher.check_needs_rehash(hashed.decode())

    def check(self, password: str, *about: str) -> None:
        check(password, *about)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _is_right(self, password: str, hashed: str | bytes) -> bool:
        try:
            return self.hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _apart(self, work: Callable[[], T]) -> T:
        if self._under_way >= self.threads * (1 + self.waiting):
            raise Busy
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._under_way -= 1
