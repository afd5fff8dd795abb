"""`optisearch dashboard` as a process, and what is stored where it looks."""

import re
from dataclasses import dataclass

from tests.processes.home import Home
from tests.processes.running import Running

STORAGE = ("--storage", "sqlite:///r.db")
TOKEN = "a-token-that-nobody-guesses"
_SERVED = re.compile(r"The dashboard is at https?://\S+:(\d+)/")


@dataclass(frozen=True)
class Dashboard:
    """A dashboard that serves.

    Attributes:
        running: Its process.
        port: Where it listens, on 127.0.0.1 at least.
    """

    running: Running
    port: int

    @classmethod
    def start(cls, home: Home, *words: str, token: str = "") -> "Dashboard":
        """Serve the database in a folder, and wait until it is served."""
        env = {"OPTISEARCH_TOKEN": token} if token else {}
        running = home.start("dashboard", *STORAGE, "--port", "0", *words, env=env)
        found = running.until(lambda: _SERVED.search(running.out), "the dashboard serves")
        return cls(running, int(found[1]))

    def __call__(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """The address of a page."""
        return f"http://{host}:{self.port}{path}"
