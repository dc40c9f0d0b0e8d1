"""The certificate authority and what it signs."""

import datetime
import ssl
from pathlib import Path

from cryptography import x509

from embedded import certificates


def test_the_server_is_trusted_by_the_bundle(tmp_path: Path) -> None:
    """The chain loads into a client and a server context, and names every host that is asked for."""
    files = certificates.ensure(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.server, files.server_key)
    ssl.create_default_context(cafile=str(files.bundle))
    found = x509.load_pem_x509_certificate(files.server.read_bytes())
    found.verify_directly_issued_by(x509.load_pem_x509_certificate(files.authority.read_bytes()))
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "*.execute-api.localhost"} <= set(names.get_values_for_type(x509.DNSName))


def test_good_certificates_are_kept(tmp_path: Path) -> None:
    """Clients that have read the bundle go on trusting the server after a restart."""
    before = certificates.ensure(tmp_path).server.read_bytes()
    assert certificates.ensure(tmp_path).server.read_bytes() == before


def test_a_certificate_near_its_end_is_renewed(tmp_path: Path) -> None:
    """Renewed 30 days before it ends; the authority, which lives longer, stays."""
    files = certificates.ensure(tmp_path)
    server, authority = files.server.read_bytes(), files.authority.read_bytes()
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=380)
    certificates.ensure(tmp_path, now=later)
    assert files.server.read_bytes() != server
    assert files.authority.read_bytes() == authority


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    """Nobody else on the machine can read a private key."""
    files = certificates.ensure(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in (files.server_key, files.authority_key)} == {0o600}
