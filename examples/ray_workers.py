"""Workers as Ray tasks, for those who have a Ray cluster anyway:

    python examples/ray_workers.py WORKERS studies/mnist.py --stage search --trials 500

Each task is the command that runs anywhere else. What is left to train is in the database, so a
task that Ray starts again goes on where the study is. Without RAY_ADDRESS a Ray of this machine
alone is started. On a cluster every node needs the study file, the data and the environment
(OPTISEARCH_STORAGE) at `ray start`: what `runtime_env` carries, Ray's dashboard shows.
"""

import os
import subprocess
import sys

import ray


class EndedEarlyError(Exception):
    """A worker that left work, or was killed: another one may go on."""


@ray.remote(num_cpus=1, max_retries=20, retry_exceptions=[EndedEarlyError])
def work(arguments: list[str]) -> int:
    """One worker; its exit code, where trying again wouldn't change it."""
    code = subprocess.call([sys.executable, "-m", "optisearch", "work", *arguments])
    if code == 75 or code < 0:
        raise EndedEarlyError(f"a worker ended with {code}")
    return code


if __name__ == "__main__":
    if "RAY_ADDRESS" in os.environ:
        ray.init()
    else:  # by default it listens on the address that other machines reach
        ray.init(include_dashboard=False, _node_ip_address="127.0.0.1")
    workers, arguments = int(sys.argv[1]), sys.argv[2:]
    sys.exit(max(ray.get([work.remote(arguments) for _ in range(workers)])))
