"""Renew the files of others in book/_static/vendor from npm and write their SHA256SUMS: python -m tools.vendor"""

import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "book" / "_static" / "vendor"
SUMS = VENDOR / "SHA256SUMS"
# package: {file in it: our name}. The version stands here and nowhere else.
PACKAGES = {
    "mathjax@3.2.2": {"es5/tex-svg.js": "mathjax-tex-svg.js", "LICENSE": "mathjax-LICENSE.txt"},
}


def main() -> None:
    """Fetch every package and copy the files that we ship."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for package, files in PACKAGES.items():
        fetch(package, files)
    SUMS.write_text("".join(f"{digest}  {name}\n" for name, digest in sums().items()), encoding="utf8")


def fetch(package: str, files: dict[str, str]) -> None:
    """Copy `files` out of an npm package (needs npm)."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as tar:
            for inside, ours in files.items():
                member = tar.extractfile(f"package/{inside}")
                assert member is not None, f"{package} has no file {inside}"
                (VENDOR / ours).write_bytes(member.read())


def sums() -> dict[str, str]:
    """Return the SHA-256 of each file in the folder, by name."""
    files = sorted(path for path in VENDOR.iterdir() if path != SUMS)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


if __name__ == "__main__":
    main()
