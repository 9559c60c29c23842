"""Which settings of family linear are worth their time: the reasons behind its defaults.

Every setting is trained on the train rows of HuffPost-34 and measured on the valid rows, which are
drawn from the published train rows; the test rows are never looked at. Each differs from the
default in what its name says. Probabilities are calibrated on one half of valid and measured on the
other, and the other way round. The difference in accuracy to the default comes with the p-value of
the paired test.

Run: ``python benchmarks/ablation.py`` (about eight minutes on two cores).
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from benchmark import Benchmark, flags
from measuring import QUALITY, Rows, against, quality
from show import show

N_BOOTSTRAP = 200
SETTINGS = (
    "fields=together",
    "fields=apart",
    "field_weight=0.4",
    "field_weight=0.55",
    "field_weight=0.85",
    "field_weight=1.0",
    "word_ngrams=[1,1]",
    "word_ngrams=[1,3]",
    "min_df=1",
    "min_df=3",
    "min_df=5",
    "bits=18",
    "bits=20",
    "bits=24",
    "C=0.1",
    "C=0.2",
    "C=0.3",
    "C=0.6",
    "C=1.0",
    "tol=0.3",
    "tol=0.06",
    "tol=0.02",
    "loss=logistic",
    "loss=logistic C=1.5",
    "loss=logistic C=5.0",
    "class_weight=balanced",
    "char_ngrams=[3,4]",
    "char_ngrams=[3,5]",
    "char_ngrams=[4,5]",
    "char_ngrams=[4,6]",
    "char_ngrams=[4,5] char_weight=0.4",
    "char_ngrams=[4,5] char_weight=1.0",
    "char_ngrams=[4,5] bits=20",
    "char_ngrams=[4,5] class_weight=balanced",
)


def measure(rows: Rows, pairs: list[str], default: Any) -> dict[str, Any]:  # noqa: ANN401
    """Train with some settings, and compare with the default's probabilities, if given."""
    from newsdesk import config
    from newsdesk.models.linear import LinearParams

    params = config.override(LinearParams(), pairs, where="ablation")
    timed = rows.fit(params, refit=False)
    proba, valid = timed.fitted.valid_proba, rows.split.valid
    found = quality(rows.corpus, valid, proba, n_bootstrap=N_BOOTSTRAP)
    found |= {"seconds": timed.seconds, "stages": timed.fitted.seconds}
    if default is None:
        return found | {"proba": proba}
    names = " ".join(pairs), "default"
    return found | against(rows.corpus, valid, proba, default, names=names, n_bootstrap=N_BOOTSTRAP)


def main() -> None:
    from newsdesk.bundle import warm_up
    from newsdesk.models.linear import LinearParams

    benchmark = Benchmark("ablation", flags(__doc__).parse_args())
    rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
    warm_up("linear")
    # Not kept: the others are compared with its probabilities.
    print("default …", flush=True)
    systems = {"default": measure(rows, [], None)}
    proba = systems["default"].pop("proba")
    for name in SETTINGS:
        systems[name] = benchmark.once(name, partial(measure, rows, name.split(), proba))
    show(systems, [*QUALITY, "points", "p_value", "seconds"])
    benchmark.finish(
        {"default": asdict(LinearParams()), "systems": systems},
        data=rows.facts | {"measured_on": "valid"},
    )


if __name__ == "__main__":
    main()
