"""The token: where it comes from, what it has to be like, and whether it is the one."""

import hashlib
import hmac
import re
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from optisearch.errors import OptisearchError

VARIABLE = "OPTISEARCH_TOKEN"
_LEAST = 16
_FORM = re.compile(r"[!-~]+")
# What RFC 7914 has for signing in: a cookie that leaks is no quick way to a weak token.
_COST, _BLOCK, _LANES = 2**14, 8, 1


class Token:
    """What has to be known to be let in. It can be compared, and is never shown.

    Args:
        text: At least 16 visible ASCII characters, so that it fits into any header as it is.
        where: What to call its source in errors.

    Raises:
        OptisearchError: It is too short, or of other characters.
    """

    def __init__(self, text: str, where: str = VARIABLE) -> None:
        if len(text) < _LEAST or not _FORM.fullmatch(text):
            raise OptisearchError(
                f"the token has to be at least {_LEAST} letters, digits and signs, without spaces",
                where=where,
                remedy="Take one that nobody guesses: "
                "python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        self._text = text.encode()

    @classmethod
    def generated(cls) -> "tuple[Token, str]":
        """A new one, of 256 random bits, and its text to be shown once."""
        text = secrets.token_urlsafe(32)
        return cls(text), text

    def matches(self, candidate: bytes) -> bool:
        """Whether this is the one. The time this takes tells nothing of either."""
        pair = (hashlib.sha256(each).digest() for each in (self._text, candidate))
        return hmac.compare_digest(*pair)

    def key(self, purpose: str) -> bytes:
        """A key of 32 bytes, the same for the same token and purpose, that doesn't lead back."""
        return hashlib.scrypt(
            self._text, salt=purpose.encode(), n=_COST, r=_BLOCK, p=_LANES, dklen=32
        )

    def __repr__(self) -> str:
        return "Token(***)"


def given(
    environment: Mapping[str, str], file: Path | None, warn: Callable[[str], None]
) -> Token | None:
    """The token in a file, else the environment's; None where there is neither.

    Raises:
        OptisearchError: The file can't be read, or the token isn't one. An empty one isn't none:
            whoever set it meant to be guarded.
    """
    if file is None:
        text = environment.get(VARIABLE)
        return None if text is None else Token(text.strip())
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it isn't text"
        raise OptisearchError(
            f"the file with the token can't be read ({why})",
            where=str(file),
            remedy="Name a file that holds the token, and nothing else",
        ) from None
    if mode & stat.S_IROTH:
        warn(f"everybody on this machine can read the token in {file}: chmod 600 {file}")
    return Token(text, str(file))
