"""A file of word vectors: how long its first and second opening take, and what memory they need.

The file is made for the run: random words, a vector of random numbers for each, in the text format
of GloVe. It is opened for the first time (read and converted), then by a fresh process, which takes
the vectors of a vocabulary: 19 of 20 words are in the file, at any place of it; the others are
estimated from their subwords. Memory is what /proc/self/status says of the process (RssAnon +
RssFile, so mapped pages of files count), before and after, kernels being loaded. The files are in
the system's page cache, as after any recent use. Beside it: the file read line by line into a
dictionary of rows and one array, as scripts do.

Whether an estimate is worth more than the mean vector is measured on GloVe's vectors of a news
vocabulary: a tenth of its words is hidden, and each is compared with its true vector.

Run: ``python benchmarks/vectors.py`` (about three minutes; 2 GB of temporary files).
"""

from __future__ import annotations

import os
import resource
import string
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmark import Benchmark, flags
from child import in_child
from show import at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.types import Floats

N_WORDS, DIM, N_VOCABULARY = 400_000, 300, 20_000
SHARE_KNOWN = 0.95
GLOVE = "vectors/glove.6B.50d.news-subset.txt"
SEEDS = range(5)


def random_words(n: int, seed: int) -> list[str]:
    """Distinct words of three to twelve letters, the frequent letters of English more often."""
    import numpy as np

    rng = np.random.default_rng(seed)
    letters = np.array(list(string.ascii_lowercase))
    weights = 1.0 / (1.0 + np.array(["etaoinshrdlucmfwypvbgkjqxz".index(x) for x in letters]))
    words: dict[str, None] = {}
    while len(words) < n:
        drawn = rng.choice(letters, size=(n, 12), p=weights / weights.sum())
        lengths = rng.integers(3, 13, size=n).tolist()
        rows = ("".join(row[:length]) for row, length in zip(drawn.tolist(), lengths, strict=True))
        words.update(dict.fromkeys(rows))
    return list(words)[:n]


def write(path: Path, n: int) -> None:
    """Write n words with their vectors: standard normal numbers cut to five decimals."""
    import numpy as np

    rng = np.random.default_rng(0)
    numbers = [f"{number:.5f}" for number in rng.normal(0.0, 0.4, size=1 << 16)]
    with path.open("w", encoding="utf-8") as file:
        for word in random_words(n, seed=0):
            drawn = rng.integers(len(numbers), size=DIM).tolist()
            file.write(f"{word} {' '.join([numbers[place] for place in drawn])}\n")


def vocabulary(n_words: int, n: int) -> list[str]:
    """Words of the file, and some that are not in it, in random order."""
    import numpy as np

    rng = np.random.default_rng(1)
    known = random_words(n_words, seed=0)
    n_known = int(SHARE_KNOWN * n)
    wanted = [known[row] for row in rng.choice(n_words, size=n_known, replace=False)]
    present = set(known)
    missing = [word for word in random_words(n, seed=2) if word not in present]
    return [*wanted, *missing[: n - n_known]]


def resident_mb() -> float:
    """Resident memory of this process, its own and that of mapped files."""
    facts = dict(
        line.split(":", 1)
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    )
    return sum(int(facts[name].split()[0]) for name in ("RssAnon", "RssFile")) / 1024


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def warm_up(folder: Path) -> None:
    """Load what is compiled, on a file of a few words."""
    from newsdesk.features.vectors import embed, open_vectors

    small = folder / "small.txt"
    small.write_text("rates 0.5 1\nRise 1e-1 2\n", encoding="utf-8")
    embed(["rates", "rise", "raters"], open_vectors(small, cache=folder / "warm"))


def first(path: Path, folder: Path) -> dict[str, Any]:
    """Read and convert the file."""
    from newsdesk.features.vectors import open_vectors

    warm_up(folder)
    before, start = resident_mb(), perf_counter()
    open_vectors(path, cache=folder / "cache")
    seconds = perf_counter() - start
    return {
        "seconds": seconds,
        "mb_per_second": path.stat().st_size / 1e6 / seconds,
        "peak_rise_mb": peak_mb() - before,
    }


def second(path: Path, folder: Path, words: list[str], *, warm: bool) -> dict[str, Any]:
    """Open the file again and take the vectors of a vocabulary, in a fresh process."""
    begin = perf_counter()
    from newsdesk.features.vectors import embed, open_vectors

    if warm:
        warm_up(folder)
    before, start = resident_mb(), perf_counter()
    vectors = open_vectors(path, cache=folder / "cache")
    opened = perf_counter()
    found = embed(words, vectors)
    end = perf_counter()
    assert found.matrix.shape == (len(words), DIM)
    timed = {"open_seconds": opened - start, "embed_seconds": end - opened}
    if not warm:
        return timed | {"seconds": end - begin}
    memory = {"added_mb": resident_mb() - before, "peak_rise_mb": peak_mb() - before}
    return timed | memory | {"coverage": asdict(found.coverage)}


def plainly(path: Path) -> dict[str, Any]:
    """Read the file line by line, as scripts do."""
    import numpy as np

    before, start = resident_mb(), perf_counter()
    rows: dict[str, int] = {}
    vectors: list[Floats] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            word, *numbers = line.rstrip().split(" ")
            rows[word] = len(vectors)
            vectors.append(np.array(numbers, dtype=np.float32))
    matrix = np.stack(vectors)
    seconds = perf_counter() - start
    assert len(matrix) == len(rows)
    return {
        "seconds": seconds,
        "mb_per_second": path.stat().st_size / 1e6 / seconds,
        "peak_rise_mb": peak_mb() - before,
    }


def estimates(glove: Path, folder: Path) -> dict[str, Any]:
    """Hide a tenth of the words; cosine of what stands in for them to their true vectors."""
    import numpy as np

    from newsdesk.features.vectors import embed, open_vectors

    lines = glove.read_text(encoding="utf-8").splitlines()
    words = [line.split(" ", 1)[0] for line in lines]
    everything = open_vectors(glove, cache=folder / "cache")
    truth = everything.take(everything.find(words))
    cosines: dict[str, list[float]] = {"subwords": [], "mean": []}
    for seed in SEEDS:
        hidden = np.random.default_rng(seed).random(len(words)) < 0.1
        rest = folder / f"rest-{seed}.txt"
        kept = (line for line, is_hidden in zip(lines, hidden, strict=True) if not is_hidden)
        rest.write_text("\n".join(kept), encoding="utf-8")
        vectors = open_vectors(rest, cache=folder / "cache")
        wanted = [word for word, is_hidden in zip(words, hidden, strict=True) if is_hidden]
        for missing in ("subwords", "mean"):
            found = embed(wanted, vectors, missing=missing).matrix
            cosines[missing].append(cosine(found, truth[hidden]))
    return {
        "n_words": len(words),
        **{missing: {"cosine": mean(found), "all": found} for missing, found in cosines.items()},
    }


def cosine(a: Floats, b: Floats) -> float:
    """Mean cosine of rows."""
    import numpy as np

    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(np.mean((a * b).sum(axis=1) / norms))


def openings(n: int, n_vocabulary: int) -> dict[str, Any]:
    """Make a file of n words, and read it in every way, each in a process of its own."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "vectors.txt"
        in_child(write, path, n)
        words = in_child(vocabulary, n, n_vocabulary)
        return {
            "file_mb": path.stat().st_size / 1e6,
            "first opening": in_child(first, path, folder),
            "second opening": in_child(second, path, folder, words, warm=True),
            "second, start of process included": in_child(second, path, folder, words, warm=False),
            "line by line": in_child(plainly, path),
        }


def quality(glove: Path) -> dict[str, Any]:
    with TemporaryDirectory() as name:
        return in_child(estimates, glove, Path(name))


def main() -> None:
    benchmark = Benchmark("vectors", flags(__doc__).parse_args())
    n = benchmark.rows or N_WORDS
    n_vocabulary = min(N_VOCABULARY, n // 2)
    found = benchmark.once("openings", partial(openings, n, n_vocabulary))
    systems = {name: value for name, value in found.items() if isinstance(value, dict)}
    columns = ("seconds", "mb_per_second", "open_seconds", "embed_seconds")
    show(systems, [*columns, "added_mb", "peak_rise_mb"])
    again = systems["second opening"]
    gates = [
        at_most("second opening, seconds", again["open_seconds"], 1),
        at_most("memory added by a vocabulary, MB", again["added_mb"], 100),
    ]
    glove = Path(os.environ.get("NEWSDESK_DATA", ""), GLOVE)
    if glove.exists():
        stands_in = benchmark.once("estimates", partial(quality, glove))
        show({name: stands_in[name] for name in ("subwords", "mean")}, ["cosine"])
        found |= {"estimates": stands_in}
        better = stands_in["subwords"]["cosine"] - stands_in["mean"]["cosine"]
        gates.append(at_least("cosine of an estimate, above the mean vector's", better, 0.05))
    show_gates(gates)
    data = {"n_words": n, "dim": DIM, "n_vocabulary": n_vocabulary, "estimates_on": GLOVE}
    benchmark.finish(found | {"gates": gates}, data=data)


if __name__ == "__main__":
    main()
