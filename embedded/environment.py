"""Environment variables of the server and of everything that it starts.

They are built up from nothing, so that no profile, certificate or endpoint of somebody's shell leaks in.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from embedded.certificates import Certificates

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"

# What a machine says about itself, and how its package installers and builds reach the network.
_KEPT = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
_KEPT_PREFIXES = ("UV_", "PIP_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")

CONCURRENCY = "SLUICEWAY_LAMBDA_CONCURRENCY"
"""How many functions run at once, as an account has a limit; what is above it is throttled."""
_CONCURRENCY = "16"  # a small machine
# Besides those that wait for functions.
_OTHER_THREADS = 48


def endpoint_url(port: int) -> str:
    """Where the cloud answers."""
    return f"https://localhost:{port}"


def client_variables(port: int, certificates: Certificates) -> dict[str, str]:
    """What an AWS client needs to talk to the cloud, credentials aside."""
    bundle = str(certificates.bundle)
    return {
        "AWS_ENDPOINT_URL": endpoint_url(port),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CA_BUNDLE": bundle,
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "NODE_EXTRA_CA_CERTS": bundle,
        # TestState's host would be sync-localhost.
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }


def child_variables(
    port: int, certificates: Certificates, state_dir: Path, inherited: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """What every child process gets."""
    temporary = state_dir / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {
        **_kept(inherited),
        **client_variables(port, certificates),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)]),
        "TMPDIR": str(temporary),
        # A developer's own profiles and endpoints have no say in here.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }


def server_variables(
    port: int, certificates: Certificates, state_dir: Path, inherited: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """What MiniStack reads when it is imported."""
    concurrency = inherited.get(CONCURRENCY, _CONCURRENCY)
    return child_variables(port, certificates, state_dir, inherited) | {
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificates.server),
        "MINISTACK_SSL_KEY": str(certificates.server_key),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "localhost",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state_dir / "ministack"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state_dir / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_ACCOUNT_CONCURRENCY": concurrency,
        "MINISTACK_WORKER_THREADS": str(int(concurrency) + _OTHER_THREADS),
        "LAMBDA_EXECUTOR": "local",
        # No Docker engine is asked for anything, even where there is one.
        "DOCKER_HOST": f"unix://{state_dir}/no-docker.sock",
    }


def _kept(inherited: Mapping[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in inherited.items() if key in _KEPT or key.startswith(_KEPT_PREFIXES)}
    proxies = {key: value for key, value in inherited.items() if key.lower() in _PROXIES}
    if proxies:
        direct = [inherited.get("no_proxy") or inherited.get("NO_PROXY", ""), "localhost", "127.0.0.1"]
        proxies |= dict.fromkeys(("no_proxy", "NO_PROXY"), ",".join(filter(None, direct)))
    return kept | proxies
