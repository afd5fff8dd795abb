"""A tool's words without secrets: its errors quote the addresses that it was given."""

import os
import re

_LOGIN = re.compile(r"(?<=://)[^/\s]*@")
_SECRETS = ("WANDB_API_KEY", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")


def masked(text: str) -> str:
    """A text without logins in its URLs, and without the secrets of the environment."""
    for name in _SECRETS:
        secret = os.environ.get(name)
        if secret:
            text = text.replace(secret, "***")
    return _LOGIN.sub("***@", text)
