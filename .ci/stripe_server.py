"""A Stripe that keeps its state in memory and listens on loopback alone: stripe_server.py PORT.

The command that localstripe brings listens on every interface, and keeps what it holds in a file under /tmp.
"""

import sys

from aiohttp import web
from localstripe.resources import store
from localstripe.server import app

type(store).dump_to_disk = lambda self: None
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]))
