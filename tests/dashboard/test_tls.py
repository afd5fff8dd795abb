"""A certificate and its key."""

from pathlib import Path

import pytest

from optisearch.dashboard import tls
from optisearch.errors import OptisearchError

from . import certificates


def test_in_two_files_or_in_one(tmp_path: Path) -> None:
    certificate, key = certificates.make(tmp_path)
    assert tls.load(certificate, key)
    both = tmp_path / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    assert tls.load(both, None)


def test_only_current_protocols(tmp_path: Path) -> None:
    context = tls.load(*certificates.make(tmp_path))
    assert context.minimum_version.name == "TLSv1_2"


def refusal(certificate: Path, key: Path | None) -> str:
    with pytest.raises(OptisearchError) as caught:
        tls.load(certificate, key)
    return str(caught.value)


def test_a_key_of_another_one(tmp_path: Path) -> None:
    certificate, _ = certificates.make(tmp_path)
    _, other = certificates.make(tmp_path, "other")
    assert "the key belongs to another certificate" in refusal(certificate, other)


def test_no_key(tmp_path: Path) -> None:
    certificate, key = certificates.make(tmp_path)
    assert "--tls-key" in refusal(certificate, None)
    assert f"--tls-key {tmp_path / 'none'}: the file can't be read" in refusal(
        certificate, tmp_path / "none"
    )
    assert "can't be used" in refusal(key, key)


def test_a_key_that_asks_for_a_password(tmp_path: Path) -> None:
    """Nobody is asked for it at a terminal that may not be there."""
    said = refusal(*certificates.make(tmp_path, password="hunter2"))
    assert "protected by a password" in said
    assert "own-key.pem" in said


def test_what_isn_t_a_certificate(tmp_path: Path) -> None:
    file = tmp_path / "words"
    file.write_text("no certificate")
    assert "there is none in the file" in refusal(file, None)
    assert "--tls-cert" in refusal(tmp_path, None)
