"""The server as a process: it says where it listens, sends webhooks, and ends when it is asked to."""

import asyncio
import sys
from asyncio.subprocess import PIPE

import httpx
from aiohttp import web


async def test_a_process_says_where_it_listens_and_sends_webhooks() -> None:
    heard = asyncio.Event()

    async def hear(request: web.Request) -> web.Response:
        assert request.headers["Stripe-Signature"].startswith("t=")
        heard.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhooks/stripe", hear)
    shop = web.AppRunner(app)
    await shop.setup()
    await web.TCPSite(shop, "127.0.0.1", 0).start()
    webhook = f"http://127.0.0.1:{shop.addresses[0][1]}/webhooks/stripe"
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "infra.dev_servers.stripe", "--webhook", webhook, "--secret", "whsec_1", stdout=PIPE
    )
    assert server.stdout is not None
    try:
        async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
            address = (await server.stdout.readline()).decode().strip()
            headers = {"Authorization": "Bearer sk_test_counterfoil"}
            form = {"amount": "1000", "currency": "eur"}
            made = await client.post(f"{address}/v1/payment_intents", data=form, headers=headers)
            assert made.json()["status"] == "requires_payment_method"
            await heard.wait()
            server.terminate()
            assert await server.wait() == 0
    finally:
        if server.returncode is None:
            server.kill()
        await shop.cleanup()
