from __future__ import annotations

from newsdesk.models.neural.elmo.architecture import ElmoArchitecture


def test_the_tensors_follow_from_the_sizes() -> None:
    sizes = ElmoArchitecture(4, ((1, 5), (3, 6)), highways=1, projection_dim=7, units=8, layers=2)
    assert sizes.n_filters == 11
    found = sizes.shapes(0)
    assert found["convolution.1.weight"] == (6, 4, 3)
    assert found["highway.0.weight"] == (22, 11)
    assert found["projection.weight"] == (7, 11)
    for layer in range(2):
        for way in ("forward", "backward"):
            assert found[f"lstm.{layer}.{way}.input"] == (32, 7)
            assert found[f"lstm.{layer}.{way}.projection"] == (7, 8)
    assert found == sizes.shapes(1000), "it knows no vocabulary"
