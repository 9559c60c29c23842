"""Other servers that answer what newsdesk's answers, each to be run in a process of its own.

`bare` does nothing but take JSON in and give the same 300 bytes out: what is left of a second to a
server that has a model. `published` is the app as it was published: Flask before scikit-learn's
pipeline, under Gunicorn.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask
    from starlette.applications import Starlette

__all__ = ["COMMANDS", "PIPELINE", "PREDICT", "bare", "fit", "published"]

PIPELINE = "PUBLISHED_PIPELINE"
"""Names the environment variable that says where the pipeline of `published` lies."""
PREDICT = "/api/v1/predict"
"""Where all servers answer."""
N_TOP = 3
_HERE = str(Path(__file__).parent)
COMMANDS: dict[str, list[str]] = {
    "bare": [
        *(sys.executable, "-m", "uvicorn", "--factory", "peer_apps:bare", "--app-dir", _HERE),
        *("--port", "0", "--http", "httptools", "--loop", "uvloop", "--no-access-log"),
    ],
    # Threads keep connections open, which Gunicorn's default does not.
    "published": [
        *(sys.executable, "-m", "gunicorn", "peer_apps:published()", "--pythonpath", _HERE),
        *("--bind", "127.0.0.1:0", "--workers", "1", "--worker-class", "gthread", "--threads", "4"),
    ],
}
"""How each is started; both say on stderr at which address they listen."""


def bare() -> Starlette:
    import msgspec
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    answer = msgspec.json.encode(
        {
            "model": "news",
            "digest": "0" * 64,
            "predictions": [
                {"top": [{"label": f"LABEL {n}", "proba": 0.123456789 / n} for n in (1, 2, 3)]}
            ],
        }
    )

    async def predict(request: Request) -> Response:
        msgspec.json.decode(await request.body())
        return Response(answer, media_type="application/json")

    return Starlette(routes=[Route(PREDICT, predict, methods=["POST"])])


def published() -> Flask:
    import joblib  # type: ignore[import-untyped]
    import numpy as np
    from flask import Flask, jsonify, request

    app = Flask(__name__)
    pipeline = joblib.load(os.environ[PIPELINE])

    @app.post(PREDICT)
    def predict() -> Any:  # noqa: ANN401  untyped library
        found = pipeline.predict_proba(request.get_json()["texts"])
        tops = np.argsort(-found, axis=1)[:, :N_TOP]
        return jsonify(
            predictions=[
                [{"label": str(pipeline.classes_[k]), "proba": float(row[k])} for k in top]
                for row, top in zip(found, tops, strict=True)
            ]
        )

    return app


def fit(n_rows: int | None, path: str) -> None:
    """Fit the published pipeline on HuffPost-34, and write it for `published`."""
    import joblib
    import numpy as np

    from measuring import Rows
    from scikit_learn import published_pipeline

    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    train = rows.published_train
    pipeline = published_pipeline(None)
    pipeline.fit(rows.strings(train), np.asarray(rows.corpus.labels)[rows.corpus.y[train]])
    joblib.dump(pipeline, path)
