"""Verify a log of Counterfoil without Counterfoil. One file, Python 3.11, the standard library and nothing else.

    psql "$COUNTERFOIL_DATABASE" -c "\\copy (select position, stream, revision, event_id, type, data::text,
        metadata::text from events order by position) to 'log.csv' with (format csv, encoding 'UTF8')"    (in one line)
    python3 verify.py log.csv
    python3 verify.py backup.zip --expect DIGEST@POSITION

The rules are written down in hash-chain.md. Exit code 0: everything holds; 1: something does not; 2: no log to read.
"""

import argparse
import csv
import hashlib
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FIRST = "0" * 64
SEAL = re.compile(rb',"previous":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}')
SEAL_LENGTH = len(',"previous":"') + 64 + len('","hash":"') + 64 + len('"}')
HASH_LENGTH = len(',"hash":"') + 64 + len('"}')
EVENT_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
RECORDED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
EXPECTED = re.compile("([0-9a-f]{64})@([0-9]+)")
SHOWN = 20
COLUMNS = 7


class NoLog(Exception):
    """The file is neither an export nor a backup."""


class Record(NamedTuple):
    position: int
    stream: str
    revision: int
    event_id: str
    type: str
    data: bytes
    metadata: bytes


class Head:
    """The last record of a stream."""

    revision, hash, recorded_at = -1, FIRST, ""


class Proof:
    """Takes the records of a log in their order, and collects what is wrong with them."""

    def __init__(self, gapless: bool, moved: int, expected: list[tuple[int, str]]) -> None:
        self.gapless, self.moved, self.awaited = gapless, moved, sorted(expected)
        self.faults: list[str] = []
        self.heads: dict[str, Head] = {}
        self.ids: set[str] = set()
        self.position = self.events = 0
        self.recorded_at = ""

    def see(self, record: Record) -> None:
        self.compare(record.position - 1)
        head = self.heads.setdefault(record.stream, Head())
        if record.position <= self.position or (self.gapless and record.position != self.position + 1):
            self.fault(record, f"the record before it is at {self.position}")
        if record.revision != head.revision + 1:
            self.fault(record, f"revision {record.revision} follows {head.revision}")
        if record.event_id in self.ids or not EVENT_ID.fullmatch(record.event_id):
            self.fault(record, f"the event id {record.event_id} is taken, or no id in lower case")
        self.ids.add(record.event_id)
        self.prove_time(record, head)
        self.prove_hash(record, head)
        head.revision, self.position = record.revision, record.position
        self.events += 1

    def prove_hash(self, record: Record, head: Head) -> None:
        seal = SEAL.fullmatch(record.metadata[-SEAL_LENGTH:])
        if seal is None:
            self.fault(record, "the metadata does not end with the hashes")
            return
        previous, stated = seal[1].decode(), seal[2].decode()
        names = f"{record.stream}\0{record.revision}\0{record.event_id}\0{record.type}\0".encode()
        covered = names + record.data + b"\0" + record.metadata[:-HASH_LENGTH] + b"}"
        if hashlib.sha256(covered).hexdigest() != stated:
            self.fault(record, "the hash is not that of the record")
        if previous != head.hash:
            self.fault(record, f"it follows a record with the hash {previous}, not {head.hash}")
        head.hash = stated

    def prove_time(self, record: Record, head: Head) -> None:
        try:
            json.loads(record.data)
            at = json.loads(record.metadata)["recorded_at"]
        except (ValueError, KeyError, TypeError) as error:
            self.fault(record, f"data or metadata cannot be read: {error!r}")
            return
        before = self.recorded_at if self.gapless and record.position > self.moved else head.recorded_at
        if not isinstance(at, str) or not RECORDED_AT.fullmatch(at) or at < before:
            self.fault(record, f"it was recorded at {at}, and one before it at {before or 'no time'}")
        head.recorded_at = self.recorded_at = str(at)

    def compare(self, position: int) -> None:
        """Compare the digests that were noted up to there."""
        while self.awaited and self.awaited[0][0] <= position:
            at, noted = self.awaited.pop(0)
            if (found := self.digest()) != noted:
                self.faults.append(f"{noted}@{at} was noted, the streams up to there have {found}")

    def close(self) -> None:
        self.compare(self.position)
        self.faults += [f"{noted}@{at} was noted, the log ends at {self.position}" for at, noted in self.awaited]

    def digest(self) -> str:
        digest = hashlib.sha256()
        for name, head in sorted((stream.encode(), head) for stream, head in self.heads.items()):
            digest.update(name + f"\0{head.revision}\0{head.hash}\n".encode())
        return digest.hexdigest()

    def fault(self, record: Record, what: str) -> None:
        self.faults.append(f"position {record.position}, {record.stream} at revision {record.revision}: {what}")


def exported(path: Path) -> Iterator[Record]:
    """The rows of an export in CSV."""
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if len(row) != COLUMNS:
                raise NoLog(f"A row has {len(row)} columns, not {COLUMNS}.")
            position, stream, revision, event_id, type_name, data, metadata = row
            yield Record(int(position), stream, int(revision), event_id, type_name, data.encode(), metadata.encode())


def backed_up(backup: zipfile.ZipFile) -> Iterator[Record]:
    """The lines of the log in a backup."""
    with backup.open("log.jsonl") as lines:
        for line in io.TextIOWrapper(lines, "utf-8", newline="\n"):
            position, stream, revision, event_id, type_name, data, metadata = json.loads(line)
            yield Record(position, stream, revision, event_id, type_name, data.encode(), metadata.encode())


def prove_members(backup: zipfile.ZipFile, manifest: dict[str, dict[str, dict[str, object]]]) -> Iterator[str]:
    """What is not as the manifest of a backup says."""
    for name, told in manifest["members"].items():
        digest, lines = hashlib.sha256(), 0
        with backup.open(name) as member:
            while chunk := member.read(1 << 20):
                digest.update(chunk)
                lines += chunk.count(b"\n")
        if (digest.hexdigest(), lines) != (told["sha256"], told["lines"]):
            yield f"{name} in the backup is not what the manifest says"


def prove(path: Path, moved: int, expected: list[tuple[int, str]]) -> Proof:
    if not zipfile.is_zipfile(path):
        proof = Proof(True, moved, expected)
        for record in exported(path):
            proof.see(record)
        proof.close()
        return proof
    with zipfile.ZipFile(path) as backup:
        manifest = json.loads(backup.read("manifest.json"))
        proof = Proof(manifest.get("gapless", False), moved, expected)
        proof.faults += prove_members(backup, manifest)
        for record in backed_up(backup):
            proof.see(record)
    proof.close()
    if (proof.events, proof.position) != (manifest["events"], manifest["head"]):
        proof.faults.append(f"the manifest names {manifest['events']} events up to {manifest['head']}")
    return proof


def noted(text: str) -> tuple[int, str]:
    if (found := EXPECTED.fullmatch(text)) is None:
        raise argparse.ArgumentTypeError("write DIGEST@POSITION")
    return int(found[2]), found[1]


def main() -> int:
    about, _, more = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=about, epilog=more, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path, help="an export in CSV, or a backup")
    parser.add_argument("--expect", type=noted, action="append", default=[], metavar="DIGEST@POSITION")
    parser.add_argument("--moved", type=int, default=0, metavar="POSITION", help="up to there from EventStoreDB")
    asked = parser.parse_args()
    try:
        proof = prove(asked.file, asked.moved, asked.expect)
    except (NoLog, OSError, ValueError, KeyError, TypeError, csv.Error, zipfile.BadZipFile, EOFError) as error:
        sys.stderr.write(f"{asked.file} cannot be read as a log: {error}\n")
        return 2
    for fault in proof.faults[:SHOWN]:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"{proof.events} events in {len(proof.heads)} streams up to position {proof.position}.\n")
    sys.stdout.write(f"Digest of stream heads: {proof.digest()}@{proof.position}\n")
    sys.stdout.write(f"{len(proof.faults)} faults.\n" if proof.faults else "Everything holds.\n")
    return 1 if proof.faults else 0


if __name__ == "__main__":
    sys.exit(main())
