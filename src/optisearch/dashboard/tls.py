"""A certificate and its key, read before anything else so that what is wrong with them is said."""

import ssl
from pathlib import Path

from optisearch.errors import OptisearchError


def load(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """What encrypts connections.

    Args:
        certificate: The chain, as PEM.
        key: Its key, as PEM; None where it lies in the same file.

    Raises:
        OptisearchError: A file can't be read, or they don't fit one another.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _check_readable(certificate, "--tls-cert")
    if key is not None:
        _check_readable(key, "--tls-key")

    def password() -> str:
        raise OptisearchError(
            "the key is protected by a password, which nobody is there to type",
            where=str(key or certificate),
            remedy="Store it without one, readable by its owner alone",
        )

    try:
        context.load_cert_chain(certificate, key, password)
    except ssl.SSLError as error:
        remedy = "Give the key that belongs to the certificate with --tls-key, both as PEM files"
        raise OptisearchError(
            f"the certificate and its key can't be used ({_reason(error)})",
            where=str(certificate),
            remedy=remedy,
        ) from None
    return context


def _check_readable(file: Path, option: str) -> None:
    try:
        file.open("rb").close()
    except OSError as error:
        raise OptisearchError(
            f"the file can't be read ({error.strerror})",
            where=f"{option} {file}",
            remedy="Name a PEM file",
        ) from None


def _reason(error: ssl.SSLError) -> str:
    reasons = {
        "KEY_VALUES_MISMATCH": "the key belongs to another certificate",
        "PEM_LIB": "there is none in the file",
    }
    reason = error.reason or "PEM_LIB"
    return reasons.get(reason, reason.replace("_", " ").lower())
