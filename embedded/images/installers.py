"""`pip` and `uv` as a RUN sees them: uv installs, from the machine's cache, into the image."""

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# Options that make sense in a container only, or would keep uv from its cache.
_DROPPED = frozenset(
    (
        "--no-cache",
        "--no-cache-dir",
        "-n",
        "--system",
        "--user",
        "--break-system-packages",
        "--disable-pip-version-check",
        "--no-input",
        "--root-user-action=ignore",
    )
)
_PASSED = (
    "PIP_",
    "UV_",
    "SSL_",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTP_",
    "HTTPS_",
    "NO_PROXY",
    "http",
    "no_p",
    "XDG_CONFIG_HOME",
)
_NEVER = ("UV_NO_CACHE", "UV_SYSTEM_PYTHON", "PIP_NO_CACHE_DIR", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT")


def settings(environ: Mapping[str, str]) -> dict[str, str]:
    """What of this machine's environment an installer needs: indexes, proxies, certificates and a cache."""
    found = {key: value for key, value in environ.items() if key.startswith(_PASSED) and key not in _NEVER}
    if "PIP_FIND_LINKS" in found:
        found.setdefault("UV_FIND_LINKS", found["PIP_FIND_LINKS"])
    base = {"PATH": environ.get("PATH", ""), "HOME": environ.get("HOME", "/"), "UV_LINK_MODE": "hardlink"}
    return base | {"UV_CACHE_DIR": cache_folder(environ)} | found


def cache_folder(environ: Mapping[str, str]) -> str:
    """Where uv keeps what it has once downloaded and unpacked."""
    return environ.get("UV_CACHE_DIR") or str(Path(environ.get("HOME", "/")) / ".cache" / "uv")


def folder(image_folder: Path) -> Path:
    """A folder with `pip`, `pip3` and `uv` for an image's RUNs."""
    target = image_folder / "installers"
    target.mkdir(exist_ok=True)
    for name in ("pip", "pip3", "uv"):
        script = target / name
        module = Path(__file__).resolve()
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{module}" {name} "$@"\n')
        script.chmod(0o755)
    return target


def translate(name: str, args: Sequence[str]) -> list[str]:
    """The uv command line for a call of `pip` or `uv`."""
    kept = [arg for arg in args if arg not in _DROPPED]
    return ["pip", *kept] if name.startswith("pip") else kept


def main() -> int:
    """Run uv as `pip` or `uv` was called: argv is the program's name and its arguments."""
    name, *args = sys.argv[1:]
    uv = real_uv()
    if uv is None:
        sys.stderr.write("uv is not on this machine's PATH; install it with `pip install uv`\n")
        return 127
    return subprocess.run([uv, *translate(name, args)], check=False).returncode


def real_uv() -> str | None:
    """Where uv is: beside this Python, or on the machine's own PATH."""
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else shutil.which("uv", path="/usr/local/bin:/usr/bin:/bin")


if __name__ == "__main__":
    sys.exit(main())
