"""How fast networks on words answer without torch, and how close to torch's own answers.

Bundles of ``lstm`` (preset ``bbc-bilstm``) and ``cnn-text`` are trained on the BBC's news for two
epochs, saved, and loaded by a process of its own with one thread. There one text of 200 words at a
time goes through `Bundle.predict`, a string in and calibrated probabilities out. It is also checked
that this process never imports torch, and that its probabilities equal those of the torch network
with the same weights.

Run: ``python benchmarks/network_prediction.py`` (about two minutes on two cores).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark import Benchmark, flags
from child import environment, in_child
from measuring import Rows, params_of
from show import at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.models.neural.words.family import WordNetwork
    from newsdesk.types import Documents, Floats

SETTINGS = {"lstm": ["preset=bbc-bilstm", "epochs=2"], "cnn-text": ["epochs=2"]}
N_WORDS = 200
N_TEXTS = 200
N_ROUNDS = 5
N_WARM = 20


def texts(n_rows: int | None) -> list[str]:
    """Texts that give a network 200 words each."""
    rows = Rows.load("bbc", n_rows)
    words = [text.split() for text in rows.strings(rows.split.test)]
    long = [text for text in words if len(text) >= N_WORDS] or words
    return [" ".join((text * N_WORDS)[: 2 * N_WORDS]) for text in long[:N_TEXTS]]


def trained(family: str, n_rows: int | None, home: str) -> dict[str, Any]:
    """Train a bundle and save it; gives torch's own probabilities, before calibration."""
    from newsdesk.models.neural.words.family import WordNetwork
    from newsdesk.types import Documents

    rows = Rows.load("bbc", n_rows)
    params = params_of(family, SETTINGS[family])
    bundle = rows.fit(params, family=family, refit=False).fitted.bundle
    bundle.save(home)
    assert isinstance(bundle.classifier, WordNetwork)
    proba = by_torch(bundle.classifier, Documents.from_texts(texts(n_rows)))
    return {"proba": proba.tolist()}


def by_torch(classifier: WordNetwork[Any], documents: Documents) -> Floats:
    """What the torch network with the same weights answers."""
    import torch

    from newsdesk.models.neural.cnn_text.network import ConvolutionalNetwork
    from newsdesk.models.neural.layers import RowEmbedding
    from newsdesk.models.neural.recurrent.network import RecurrentNetwork
    from newsdesk.models.neural.words.examples import WordExamples
    from newsdesk.models.neural.words.family import saved_name

    params, tensors = classifier.params, classifier.tensors
    generator = torch.Generator()
    n_words, width = tensors["embedding"].shape
    embedding = RowEmbedding(n_words, width, generator)
    kind = RecurrentNetwork if params.family == "lstm" else ConvolutionalNetwork
    network = kind(params, embedding, classifier.n_classes, generator)
    network.load_state_dict(
        {name: torch.from_numpy(tensors[saved_name(name)]) for name in network.state_dict()}
    )
    sequences = classifier.reader.read(documents).sequences
    examples = WordExamples(sequences, np.zeros(len(documents), dtype=np.int64))
    batch = examples.batch(np.arange(len(documents)), torch.device("cpu"))
    with torch.inference_mode():
        proba: Floats = network.eval()(*batch).softmax(dim=1).numpy()
    return proba


def answered(n_rows: int | None, home: str) -> dict[str, Any]:
    """Load a bundle, answer one text at a time, and say what was loaded."""
    import sys

    from newsdesk.bundle import Bundle
    from newsdesk.types import Documents

    bundle = Bundle.load(home)
    asked = texts(n_rows)
    proba = bundle.classifier.predict_proba(Documents.from_texts(asked))
    millis = []
    for text in [*asked[:N_WARM], *asked * N_ROUNDS]:
        start = perf_counter()
        bundle.predict(Documents.from_texts([text]))
        millis.append((perf_counter() - start) * 1e3)
    return {
        "proba": proba.tolist(),
        "median_ms": float(np.median(millis[N_WARM:])),
        "p99_ms": float(np.quantile(millis[N_WARM:], 0.99)),
        "torch_loaded": "torch" in sys.modules,
        "bundle_mb": sum(path.stat().st_size for path in Path(home).iterdir()) / 1e6,
    }


def measured(family: str, n_rows: int | None) -> dict[str, Any]:
    """Train in one process, answer in another."""
    with TemporaryDirectory() as name:
        home = str(Path(name) / "bundle")
        expected = in_child(trained, family, n_rows, home)["proba"]
        one = {"NEWSDESK_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        with environment(**one):
            found = in_child(answered, n_rows, home)
    proba: Floats = np.array(found.pop("proba"))
    return found | {"largest_difference": float(np.abs(proba - np.array(expected)).max())}


def main() -> None:
    benchmark = Benchmark("network_prediction", flags(__doc__).parse_args())
    systems = {
        family: benchmark.once(family, partial(measured, family, benchmark.rows))
        for family in SETTINGS
    }
    show(systems, ["median_ms", "p99_ms", "largest_difference", "torch_loaded", "bundle_mb"])
    gates = []
    for family, found in systems.items():
        gates.append(at_most(f"{family}: one text of 200 words, ms", found["median_ms"], 3))
        gates.append(at_most(f"{family}: difference to torch", found["largest_difference"], 1e-5))
        gates.append(at_most(f"{family}: torch is loaded", float(found["torch_loaded"]), 0))
    show_gates(gates)
    results = {"systems": systems, "settings": SETTINGS, "gates": gates}
    benchmark.finish(results, data=Rows.load("bbc", benchmark.rows).facts, peers=["torch"])


if __name__ == "__main__":
    main()
