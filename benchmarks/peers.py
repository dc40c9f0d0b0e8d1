"""An environment with what benchmarks measure beside this project, from `requirements/peers.txt`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "peers"


def interpreter() -> Path:
    """The Python of `build/peers`, made where it is missing."""
    found = FOLDER / "bin" / "python"
    if not found.exists():
        _uv("venv", "--quiet", "--python", sys.executable, str(FOLDER))
    _uv("pip", "sync", "--quiet", "--python", str(found), "--require-hashes", "requirements/peers.txt")
    return found


def _uv(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", *arguments], check=True, cwd=ROOT)
