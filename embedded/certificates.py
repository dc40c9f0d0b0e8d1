"""A certificate authority of our own, and the server certificate that it signs.

Browsers and the system know nothing of it: only processes that are handed the bundle trust it.
"""

import datetime
import ipaddress
import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_DAYS = 3650
# Apple and some libraries refuse server certificates that live longer than 825 days.
_SERVER_DAYS = 397
_RENEW_DAYS = 30
_BLOCK = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_NAMES = (
    "localhost",
    "*.localhost",
    "*.execute-api.localhost",
    "*.lambda-url.us-east-1.localhost",
    "*.s3.localhost",
    "*.s3.us-east-1.localhost",
)


@dataclass(frozen=True)
class Certificates:
    """Where the files are."""

    folder: Path

    @property
    def server(self) -> Path:
        """The server's certificate, PEM."""
        return self.folder / "server.pem"

    @property
    def server_key(self) -> Path:
        """The server's private key, PEM."""
        return self.folder / "server.key"

    @property
    def authority(self) -> Path:
        """Our authority's certificate, PEM; what Node wants beside its own."""
        return self.folder / "authority.pem"

    @property
    def authority_key(self) -> Path:
        """Our authority's private key, PEM."""
        return self.folder / "authority.key"

    @property
    def bundle(self) -> Path:
        """The world's authorities and ours, PEM; for everything that takes one bundle only."""
        return self.folder / "bundle.pem"


def ensure(folder: Path, *, now: datetime.datetime | None = None) -> Certificates:
    """Make what is missing, and renew what ends within 30 days."""
    files = Certificates(folder)
    now = now or datetime.datetime.now(datetime.UTC)
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_good(files.authority, now):
        _make_authority(files, now)
        files.server.unlink(missing_ok=True)
    if not _is_good(files.server, now):
        _make_server(files, now)
    _write_bundle(files)
    return files


def _write_bundle(files: Certificates) -> None:
    # The machine's own store may hold the authority of a proxy that certifi knows nothing of.
    system = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    sources = [Path(certifi.where()), files.authority, *([Path(system)] if system else [])]
    found = [block for path in sources if path.exists() for block in _BLOCK.findall(path.read_text())]
    files.bundle.write_text("\n".join(dict.fromkeys(found)) + "\n")


def _is_good(path: Path, now: datetime.datetime) -> bool:
    if not path.exists():
        return False
    ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    return ends > now + datetime.timedelta(days=_RENEW_DAYS)


def _make_authority(files: Certificates, now: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Sluiceway embedded cloud")
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(name, name, key.public_key(), now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(files.authority, files.authority_key, certificate, key)


def _make_server(files: Certificates, now: datetime.datetime) -> None:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    signer = serialization.load_pem_private_key(files.authority_key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101 - _make_authority wrote it
    key = ec.generate_private_key(ec.SECP256R1())
    names = [*map(x509.DNSName, _NAMES), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        _builder(_name("localhost"), authority.subject, key.public_key(), now, _SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    _write(files.server, files.server_key, certificate, key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    # An hour back: clocks of containers and hosts differ.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _write(
    path: Path, key_path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    key_path.touch(mode=0o600)
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
