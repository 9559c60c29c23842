"""What every test may use: data, parsed pages, tiny encoders, reproducible properties."""

from __future__ import annotations

import itertools
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

# No deadlines: a busy machine is no fault. CI draws the same examples each time; at home new ones
# are drawn, and a failure prints how to see it again.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("dev", deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


# A shell has its background jobs ignore Ctrl-C, and all that they start: tests of it would fail,
# and servers that are stopped by it would stay.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow tests last, so that a plain mistake is known after seconds."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def newsdesk_data() -> Callable[[str], Path]:
    """Find a real data file by its name under ``$NEWSDESK_DATA``, or skip and say which is missing.

    Returns
    -------
    Callable[[str], Path]
        Takes a name such as ``"bbc/bbc-text.csv"``.
    """

    def find(name: str) -> Path:
        folder = os.environ.get("NEWSDESK_DATA")
        if not folder:
            pytest.skip(f"needs {name}: NEWSDESK_DATA names no data folder")
        path = Path(folder) / name
        if not path.exists():
            pytest.skip(f"needs {name}: there is no {path}")
        return path

    return find


# HTML Living Standard, "Void elements".
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
VOID |= {"track", "wbr"}


class Page(HTMLParser):
    """Elements, attributes and text of a page whose elements nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="session")
def parsed() -> Callable[[str], Page]:
    """Parse a page, and check that its elements nest."""
    return Page


SPECIAL = ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"]
PIECES = [*SPECIAL, "bank", "rate", "rise", "profit", "share", "market", "economy", "goal", "cup"]
PIECES += ["final", "keeper", "striker", "coach", "penalty", "chip", "phone", "app", "update"]
PIECES += ["browser", "code", "tablet", "again", "after", "the", "a", "of", "in", "and", "new"]
PIECES += ["##s", "##d", "##r", "##ing", "##er", ",", ".", "?"]
_PARTS = {
    "bert": "attention.self.query attention.self.key attention.self.value attention.output.dense "
    "intermediate.dense output.dense attention.output.LayerNorm output.LayerNorm",
    "distilbert": "attention.q_lin attention.k_lin attention.v_lin attention.out_lin "
    "ffn.lin1 ffn.lin2 sa_layer_norm output_layer_norm",
}


def _tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocab = {piece: number for number, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [("[CLS]", 0), ("[SEP]", 2)]
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, ends)
    # As published files do, it cuts and fills to what its last use asked for.
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=8, pad_id=1, pad_token="[PAD]")
    tokenizer.save(str(folder / "tokenizer.json"))


def _encoder_tensors(
    model_type: str, width: int, n_layers: int, n_positions: int, seed: int
) -> dict[str, Any]:
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> Any:
        return rng.normal(0, 0.3, shape).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": draw(len(PIECES), width),
        "embeddings.position_embeddings.weight": draw(n_positions, width),
        "embeddings.LayerNorm.weight": 1 + draw(width),
        "embeddings.LayerNorm.bias": draw(width),
    }
    distilled = model_type == "distilbert"
    if not distilled:
        tensors["embeddings.token_type_embeddings.weight"] = draw(2, width)
    *maps, inner, outer, norm, last = _PARTS["distilbert" if distilled else "bert"].split()
    sizes = dict.fromkeys(maps, (width, width))
    sizes |= {inner: (3 * width, width), outer: (width, 3 * width), norm: (width,), last: (width,)}
    place = "transformer.layer" if distilled else "encoder.layer"
    for number, (part, shape) in itertools.product(range(n_layers), sizes.items()):
        tensors[f"{place}.{number}.{part}.weight"] = draw(*shape) + (len(shape) == 1)
        tensors[f"{place}.{number}.{part}.bias"] = draw(shape[0])
    return tensors


@pytest.fixture(scope="session")
def make_encoder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write a tiny pretrained encoder with random weights, as sentence-transformers does.

    Returns
    -------
    Callable[..., Path]
        Takes a ``model_type``, sizes, a ``seed``, the ``pooling``, whether to ``normalise``,
        ``max_tokens``, and further keys of ``config.json``; gives the folder.
    """
    pytest.importorskip("tokenizers", reason="needs the extra encoders")
    from safetensors.numpy import save_file

    def make(
        model_type: str = "bert",
        *,
        width: int = 8,
        n_layers: int = 2,
        n_heads: int = 2,
        n_positions: int = 32,
        seed: int = 0,
        pooling: str = "mean",
        normalise: bool = True,
        max_tokens: int = 16,
        **config: Any,
    ) -> Path:
        folder = tmp_path_factory.mktemp("encoder")

        def write(name: str, value: Any) -> None:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(json.dumps(value, indent=2), encoding="utf-8")

        # RoBERTa's first two positions are not used.
        n_rows = n_positions + 2 * ("roberta" in model_type or model_type == "camembert")
        words = "hidden_size num_hidden_layers num_attention_heads intermediate_size"
        if model_type == "distilbert":
            words = "dim n_layers n_heads hidden_dim"
        sizes = dict(zip(words.split(), (width, n_layers, n_heads, 3 * width), strict=True))
        if model_type == "electra":
            sizes["embedding_size"] = width
        sizes |= {"vocab_size": len(PIECES), "max_position_embeddings": n_rows, "pad_token_id": 1}
        types = {} if model_type == "distilbert" else {"type_vocab_size": 2}
        write("config.json", {"model_type": model_type, **sizes, **types, **config})
        tensors = _encoder_tensors(model_type, width, n_layers, n_rows, seed)
        save_file(tensors, folder / "model.safetensors")
        _tokenizer(folder)
        modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
        write(
            "modules.json",
            [
                {
                    "idx": n,
                    "name": str(n),
                    "path": path,
                    "type": f"sentence_transformers.models.{t}",
                }
                for n, (t, path) in enumerate(modules[: 2 + normalise])
            ],
        )
        names = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens"}
        flags = {f"pooling_mode_{end}": name == pooling for name, end in names.items()}
        write("1_Pooling/config.json", {"word_embedding_dimension": width, **flags})
        write("sentence_bert_config.json", {"max_seq_length": max_tokens, "do_lower_case": False})
        return folder

    return make


_SIZES = {"num_hidden_layers": 4, "num_attention_heads": 4, "hidden_size": 16}
_SIZES |= {"intermediate_size": 24, "max_position_embeddings": 96, "pad_token_id": 1}
_OF_TYPE: dict[str, dict[str, Any]] = {
    "electra": {"embedding_size": 12},
    "albert": {"embedding_size": 12, "num_hidden_groups": 2},
    "mpnet": {"max_position_embeddings": 98},
    # A text of 96 pieces is longer than what layers see that look at near ones alone.
    "modernbert": {"local_attention": 16},
    "deberta-v2": {
        "relative_attention": True,
        "position_buckets": 16,
        "pos_att_type": "p2c|c2p",
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "position_biased_input": False,
    },
}


@pytest.fixture(scope="session")
def make_reference(make_encoder: Callable[..., Path]) -> Callable[..., tuple[Path, Any]]:
    """Let transformers write a tiny encoder with random weights, beside a tokenizer.

    Returns
    -------
    Callable[..., tuple[Path, Any]]
        Takes a ``model_type``, further keys of ``config.json``, and ``max_tokens``; gives the
        folder, and the network as transformers runs it.
    """
    torch = pytest.importorskip("torch", reason="compares with transformers")
    transformers = pytest.importorskip("transformers", reason="compares with transformers")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()

    def make(model_type: str, *, max_tokens: int = 96, **config: Any) -> tuple[Path, Any]:
        folder = make_encoder(max_tokens=max_tokens)
        (folder / "model.safetensors").unlink()
        special = {"bos_token_id": 0, "eos_token_id": 2, "cls_token_id": 0, "sep_token_id": 2}
        keys = _SIZES | _OF_TYPE.get(model_type, {}) | {"vocab_size": len(PIECES)} | config
        said = transformers.AutoConfig.for_model(model_type, **keys, **special)
        network = transformers.AutoModel.from_config(said).eval()
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for name, weight in network.named_parameters():
                around = float(weight.ndim == 1 and name.endswith("weight"))
                weight.normal_(around, 0.3, generator=generator)
        network.save_pretrained(folder)
        return folder, network

    return make


def _postgres_user() -> str | None:
    """Whom the server runs as: never root, which it refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    pytest.skip("there is no user to run PostgreSQL as")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Run a PostgreSQL server on a socket of its own.

    Yields
    ------
    Callable[[], str]
        Makes an empty database and gives its URL.
    """
    psycopg = pytest.importorskip("psycopg", reason="needs the extra postgres")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.skip("PostgreSQL is not installed")
    tools = found[-1].parent if found else Path(str(on_path)).resolve().parent
    user = _postgres_user()
    # The name of a socket may have 107 bytes, and the folders of pytest are closed to other users.
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if user is not None:
            shutil.chown(home, user)
        plain = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [tools / "initdb", "-D", home / "data", "-U", "tester", "-A", "trust", "-E", "UTF8"],
            user=user,
            env=plain,
            cwd=home,
            check=True,
            capture_output=True,
        )
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [tools / "postgres", "-D", home / "data", "-k", home, "-h", "", "-F"],
                user=user,
                env=plain,
                cwd=home,
                stdout=log,
                stderr=log,
            )
        try:
            admin = f"postgresql://tester@/postgres?host={home}"
            for _ in range(600):
                try:
                    psycopg.connect(admin).close()
                    break
                except psycopg.OperationalError:
                    assert server.poll() is None, (home / "log").read_text()
                    time.sleep(0.1)
            numbers = itertools.count()

            def make() -> str:
                name = f"feedback{next(numbers)}"
                with psycopg.connect(admin, autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE {name}")
                return f"postgresql://tester@/{name}?host={home}"

            yield make
        finally:
            server.send_signal(signal.SIGINT)  # stop now, but in order
            server.wait(60)
    finally:
        shutil.rmtree(home)


@pytest.fixture(params=["sqlite", "postgresql"])
def feedback_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store of corrections that does not exist yet, in each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/feedback.db"
    url: str = request.getfixturevalue("postgres")()
    return url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium of this machine; as long as it is there, no other test can run an event loop."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright (extra test)")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs a Chromium; on Debian and Ubuntu: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()
