"""A network of hosts in namespaces: their links go down, come back, and lose packets.

Nothing of it is in the machine's own network: bridge and hosts live in anonymous namespaces, which
end with the processes that hold them, and those with the tests.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

from tests.processes.waiting import wait_until

from .skipping import not_tested

_LOSS = """\
table inet loss {
    chain input {
        type filter hook input priority 0;
        iifname lo accept
        numgen random mod 100 < %(percent)d drop
    }
    chain output {
        type filter hook output priority 0;
        oifname lo accept
        numgen random mod 100 < %(percent)d drop
    }
}
"""


class Host:
    """A host of the network, with a name and an address of its own.

    Attributes:
        name: What its processes take for the machine's name.
        address: Its address.
        prefix: What is put before a command that is to run there.
    """

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        script = 'hostname "$0" && ip link set lo up && exec cat'
        words = ["unshare", "--net", "--uts", "sh", "-c", script, name]
        # It ends with its standard input, and so with the tests, however they end.
        self._holder = subprocess.Popen(words, stdin=subprocess.PIPE)
        wait_until(self._is_ready, f"{name} has a network of its own", 20)
        self.prefix = (
            "nsenter",
            f"--net=/proc/{self.pid}/ns/net",
            f"--uts=/proc/{self.pid}/ns/uts",
        )

    @property
    def pid(self) -> int:
        return self._holder.pid

    def do(self, *words: str, said: str = "") -> None:
        """Run a command there."""
        ran = subprocess.run(
            [*self.prefix, *words], input=said, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def lose(self, percent: int) -> None:
        """From now on it loses so many of a hundred packets that it sends, and that it is sent."""
        self.do("nft", "-f", "-", said=_LOSS % {"percent": percent})

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()

    def _is_ready(self) -> bool:
        if self._holder.poll() is not None:
            not_tested("no network namespace can be made here: be root", needs_root=True)
        # The last thing that its shell does is to become `cat`.
        return Path(f"/proc/{self.pid}/comm").read_text().strip() == "cat"


class Network:
    """A bridge, a host `db` and two others, `h1` and `h2`. None has a route to anywhere else."""

    def __init__(self) -> None:
        if os.geteuid() != 0:
            not_tested("network namespaces are root's", needs_root=True)
        for program in ("unshare", "nsenter", "ip", "nft"):
            if shutil.which(program) is None:
                not_tested(f"there is no {program} (apt install util-linux iproute2 nftables)")
        self._switch = Host("switch", "10.77.0.1")
        self.db = Host("db", "10.77.0.10")
        self.h1 = Host("h1", "10.77.0.11")
        self.h2 = Host("h2", "10.77.0.12")

    def __enter__(self) -> Self:
        switch = self._switch
        switch.do("ip", "link", "add", "name", "bridge", "type", "bridge")
        switch.do("ip", "address", "add", f"{switch.address}/24", "dev", "bridge")
        switch.do("ip", "link", "set", "bridge", "up")
        for host in (self.db, self.h1, self.h2):
            ends = ["ip", "link", "add", "name", host.name, "type", "veth", "peer", "name", "eth0"]
            switch.do(*ends, "netns", str(host.pid))
            switch.do("ip", "link", "set", host.name, "master", "bridge", "up")
            host.do("ip", "address", "add", f"{host.address}/24", "dev", "eth0")
            host.do("ip", "link", "set", "eth0", "up")
        return self

    def __exit__(self, *_: object) -> None:
        for host in (self.h2, self.h1, self.db, self._switch):
            host.close()

    def cut_off(self, host: Host) -> None:
        """Take its link down: what it sends is lost, and nobody is told."""
        self._switch.do("ip", "link", "set", host.name, "down")

    def join(self, host: Host) -> None:
        """Take its link up again."""
        self._switch.do("ip", "link", "set", host.name, "up")
