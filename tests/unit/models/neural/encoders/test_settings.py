from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from newsdesk.models.neural.encoders.settings import Encoding, cut_note


def test_an_encoder_is_opened_and_told_of(make_encoder: Callable[..., Path]) -> None:
    folder = make_encoder()
    asked = Encoding(str(folder), "int8", 12)
    encoder, sentence = asked.open()
    assert asked.find().digest == encoder.facts.digest
    assert encoder.facts.precision == "int8"
    assert sentence == (
        f"Encoder {folder} from the folder {folder}: 2 layers of 8, int8, up to 12 word pieces."
    )


def test_what_is_not_read_is_counted(make_encoder: Callable[..., Path]) -> None:
    encoder, _ = Encoding(str(make_encoder()), "float32", 6).open()
    parts = [encoder.encode(["goal " * 4, "goal " * 14]), encoder.encode(["cup cup"])]
    assert cut_note("Texts", parts, encoder) == (
        "Texts: 50.0% of 20 word pieces are not read; 1 of 3 texts are longer than 4."
    )


def test_an_encoder_in_use_is_opened_once(make_encoder: Callable[..., Path]) -> None:
    folder = str(make_encoder())
    encoder, _ = Encoding(folder, "int8", 12).open()
    assert Encoding(folder, "int8", 12).open()[0] is encoder
    assert Encoding(folder, "int8", 13).open()[0] is not encoder
    assert Encoding(folder, "float32", 12).open()[0] is not encoder


def test_an_encoder_that_has_changed_on_the_disk_is_opened_anew(
    make_encoder: Callable[..., Path],
) -> None:
    folder, other = make_encoder(seed=0), make_encoder(seed=1)
    encoder, _ = Encoding(str(folder), "int8", 12).open()
    weights = (other / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights)
    assert Encoding(str(folder), "int8", 12).open()[0].facts.digest != encoder.facts.digest
