"""``python -m integrations.demo``: the demo helpdesk alone, to look at in a browser."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from importlib.resources import as_file, files
from pathlib import Path

from integrations.demo.data import load
from integrations.demo.large import LargeWorld, Size
from integrations.demo.oauth import DEMO_CLIENT_ID
from integrations.demo.server import (
    DEMO_ADMIN_FRESHDESK_KEY,
    DEMO_EMAIL,
    DEMO_FRESHDESK_KEY,
    DEMO_OAUTH_TOKEN,
    DEMO_ZENDESK_TOKEN,
    DemoServer,
)
from integrations.demo.toml_table import DemoDataError
from integrations.demo.world import World

ZENDESK_PORT, FRESHDESK_PORT = 8641, 8642


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m integrations.demo", description="Run the demo helpdesk.")
    parser.add_argument("--zendesk-port", type=int, default=ZENDESK_PORT, help="0 for a free one")
    parser.add_argument("--freshdesk-port", type=int, default=FRESHDESK_PORT, help="0 for a free one")
    parser.add_argument("--data", type=Path, help="another folder in the format of resources/demo/README.md")
    parser.add_argument("--large", action="store_true", help="a large account, made on the way")
    parser.add_argument("--articles", type=int, default=Size.articles, help="of a large account (%(default)s)")
    parser.add_argument("--tickets", type=int, default=Size.tickets, help="of a large account (%(default)s)")
    parser.add_argument("--seed", type=int, default=Size.seed, help="of a large account (%(default)s)")
    options = parser.parse_args()
    try:
        with as_file(files("resources") / "demo") as own:
            data = load(options.data or own)
        size = Size(articles=options.articles, tickets=options.tickets, seed=options.seed)
        world = LargeWorld(data, size=size) if options.large else World(data)
        server = DemoServer(world, options.zendesk_port, options.freshdesk_port)
    except (DemoDataError, OSError) as error:
        parser.exit(1, f"The demo helpdesk cannot start: {error}\n")
    print(f"Zendesk face    {server.zendesk_url}  {DEMO_EMAIL} with API token {DEMO_ZENDESK_TOKEN}")
    print(f"                {'':21}  or OAuth token {DEMO_OAUTH_TOKEN}, or OAuth client {DEMO_CLIENT_ID}")
    print(f"Freshdesk face  {server.freshdesk_url}  API key {DEMO_FRESHDESK_KEY} (admin: {DEMO_ADMIN_FRESHDESK_KEY})")
    print("Stop with Ctrl+C.", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(server.serve())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
