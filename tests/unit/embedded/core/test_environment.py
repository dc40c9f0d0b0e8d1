"""What children and functions see of a machine's environment."""

from pathlib import Path

from embedded.certificates import Certificates
from embedded.environment import CONCURRENCY, child_variables, server_variables

SHELL = {
    "PATH": "/usr/bin",
    "HOME": "/home/me",
    "AWS_PROFILE": "work",
    "AWS_ENDPOINT_URL": "https://elsewhere",
    "SSL_CERT_FILE": "/etc/ssl/theirs.pem",
    "PYTHONPATH": "/somewhere",
    "UV_INDEX": "mirror",
    "HTTPS_PROXY": "http://proxy:1",
}


def test_nobodys_shell_leaks_in(tmp_path: Path) -> None:
    """Endpoint and certificates are ours, whatever the shell says; profiles and paths are dropped."""
    found = child_variables(1234, Certificates(tmp_path), tmp_path, SHELL)
    assert found["AWS_ENDPOINT_URL"] == "https://localhost:1234"
    bundles = (
        "SSL_CERT_FILE",
        "AWS_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
    )
    assert {found[key] for key in bundles} == {str(tmp_path / "bundle.pem")}
    assert not {"AWS_PROFILE", "PYTHONPATH", "AWS_ACCESS_KEY_ID"} & found.keys()


def test_installers_reach_the_network_as_the_shell_does(tmp_path: Path) -> None:
    """Mirrors and proxies are kept; the cloud itself is never asked for through a proxy."""
    found = child_variables(1, Certificates(tmp_path), tmp_path, SHELL)
    assert (found["UV_INDEX"], found["HTTPS_PROXY"]) == ("mirror", "http://proxy:1")
    assert found["NO_PROXY"] == "localhost,127.0.0.1"


def test_iam_is_enforced(tmp_path: Path) -> None:
    """MiniStack enforces IAM and serves TLS only when told so before it is imported."""
    found = server_variables(1, Certificates(tmp_path), tmp_path, SHELL)
    assert (found["AUTH"], found["USE_SSL"], found["BIND_HOST"]) == ("true", "1", "127.0.0.1")


def test_as_many_functions_run_at_once_as_the_shell_says(tmp_path: Path) -> None:
    """And none of them waits for a thread; sixteen where nobody says."""
    more = server_variables(1, Certificates(tmp_path), tmp_path, SHELL | {CONCURRENCY: "100"})
    assert more["LAMBDA_ACCOUNT_CONCURRENCY"] == "100"
    assert int(more["MINISTACK_WORKER_THREADS"]) > 100
    assert server_variables(1, Certificates(tmp_path), tmp_path, SHELL)["LAMBDA_ACCOUNT_CONCURRENCY"] == "16"
