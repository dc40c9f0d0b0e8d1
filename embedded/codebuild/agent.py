"""Runs the phases of a build: one process for a whole build, as CodeBuild's agent in its container.

python agent.py PLAN. Commands write to standard output; reports go to standard error as lines of JSON:
{"enter": phase}, {"leave": phase, "status": …, "code": …, "message": …} and {"exported": {name: value}}.
Only the standard library is imported, so that it starts at once.

Every command is a shell of its own that takes up the folder, variables and functions of the one before it: so
`exit 1` ends a command, not the build.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

# `declare` writes what can be read again; read-only variables of the shell itself are left out. CodeBuild's
# images have bash as `sh`, too.
_SCRIPT = """
[ -f "$__STATE" ] && . "$__STATE" 2>/dev/null
cd "$(cat "$__CWD")" || exit 1
export CODEBUILD_BUILD_SUCCEEDING="$__SUCCEEDING"
__keep() {
  unset __COMMAND __SUCCEEDING BASH_EXECUTION_STRING
  pwd > "$__CWD"
  { declare -p | grep -v "^declare -[a-zA-Z]*r"; declare -f; } > "$__STATE"
}
trap '__code=$?; __keep; exit $__code' EXIT
eval "$__COMMAND"
"""


class Agent:
    """One build."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._folder = Path(plan["folder"])
        self._succeeding = True
        (self._folder / "cwd").write_text(plan["source"])

    def run(self) -> int:
        """Run the phases; 0 when all of them succeeded."""
        going_on = True
        for phase in self._plan["phases"]:
            if going_on or (phase["name"] == "POST_BUILD" and self._is_followed):
                going_on = self._phase(phase) and going_on
        _report({"exported": self._exported()})
        return 0 if self._succeeding else 1

    def _phase(self, phase: dict[str, Any]) -> bool:
        _report({"enter": phase["name"]})
        # A BUILD that failed is followed by POST_BUILD, unless it says that it aborts the build.
        self._is_followed = phase["name"] == "BUILD" and phase["on_failure"] != "ABORT"
        failure = self._commands(phase["commands"]) if phase["commands"] else None
        final = self._commands(phase["finally"]) if phase["finally"] else None
        failure = failure or final
        status = "FAILED" if failure else "SUCCEEDED"
        code = "COMMAND_EXECUTION_ERROR" if failure else ""
        _say(f"Phase complete: {phase['name']} State: {status}")
        _say(f"Phase context status code: {code} Message: {failure or ''}")
        _report({"leave": phase["name"], "status": status, "code": code, "message": failure or ""})
        self._succeeding = self._succeeding and not failure
        return not failure or phase["on_failure"] == "CONTINUE"

    def _commands(self, commands: list[str]) -> str | None:
        for command in commands:
            _say(f"Running command {command}")
            code = self._shell(command)
            if code:
                _say(f"Command did not exit successfully {command} exit status {code}")
                return f"Error while executing command: {command}. Reason: exit status {code}"
        return None

    def _shell(self, command: str) -> int:
        variables = {
            "__STATE": str(self._folder / "state"),
            "__CWD": str(self._folder / "cwd"),
            "__COMMAND": command,
            "__SUCCEEDING": "1" if self._succeeding else "0",
        }
        code = subprocess.run(
            ["/bin/bash", "-c", _SCRIPT], env=dict(os.environ) | variables, stderr=sys.stdout, check=False
        ).returncode
        return 128 - code if code < 0 else code

    def _exported(self) -> dict[str, str]:
        names = self._plan["exported"]
        if not names:
            return {}
        target = self._folder / "exported"
        values = " ".join(f'"${{{name}-}}"' for name in names)
        self._shell(f"printf '%s\\0' {values} > '{target}'")
        found = target.read_text().split("\0") if target.exists() else []
        return dict(zip(names, found, strict=False))


def _say(text: str) -> None:
    moment = time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime())
    sys.stdout.write(f"[Container] {moment} {text}\n")
    sys.stdout.flush()


def _report(report: dict[str, Any]) -> None:
    sys.stderr.write(json.dumps(report) + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(Agent(json.loads(Path(sys.argv[1]).read_text())).run())
