"""The server as a process: `python -m infra.dev_servers.stripe --port 12111 --webhook http://... --secret whsec_1`."""

import argparse
import asyncio
import signal
import sys

from infra.dev_servers.stripe.server import KEY, StripeServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.dev_servers.stripe", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--key", default=KEY, help="the API key that it takes")
    parser.add_argument("--webhook", help="the address that events go to")
    parser.add_argument("--secret", action="append", default=[], help="signs webhooks; may be given again")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = StripeServer(port=options.port, key=options.key)
    if options.webhook:
        server.webhooks.to(options.webhook, *options.secret)
    async with server:
        sys.stdout.write(f"{server.address}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    main()
