"""The server as a process: `python -m tests.eventstoredb_server --port 2113 --folder data --tls`."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from .node import MIB
from .server import Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.eventstoredb_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--folder", type=Path, help="keep the log there, synced")
    parser.add_argument("--tls", action="store_true", help="with a certificate of our own, and admin:changeit")
    parser.add_argument("--authority", type=Path, help="write the certificate of the authority here")
    parser.add_argument("--max-append-size", type=int, default=MIB)
    parser.add_argument("--live-buffer", type=int, help="drop live subscribers that are so many events behind")
    parser.add_argument("--start-standard-projections", action="store_true", help="link by category and type")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = Server(
        port=options.port,
        folder=options.folder,
        tls=options.tls,
        max_append_size=options.max_append_size,
        live_buffer=options.live_buffer,
        standard_projections=options.start_standard_projections,
    )
    async with server:
        if server.certificates and options.authority:
            options.authority.write_bytes(server.certificates.authority)
        sys.stdout.write(f"{server.uri}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    main()
