"""optuna-dashboard on the database that the environment names: `python dashboard.py HOST PORT`.

`optuna-dashboard URL` would show the URL's password to everybody who may list processes. It has no
login: who reaches the port may rename and delete studies. `optisearch dashboard`, which asks for a
token, will take its place.
"""

import os
import sys

from optuna_dashboard import run_server

from optisearch.address import parse

if __name__ == "__main__":
    host, port = sys.argv[1:]
    run_server(parse(os.environ["OPTISEARCH_STORAGE"]).optuna_url, host=host, port=int(port))
