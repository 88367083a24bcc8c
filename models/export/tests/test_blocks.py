"""The blocks that are cut out of U-Nets."""

import pytest

from export import blocks
from export.family import parameters_of


@pytest.mark.parametrize("family", blocks.LAST)
def test_committed_blocks_are_cut_from_the_committed_graphs(family):
    assert (blocks.OUT / f"{family}.onnx").read_bytes() == blocks.blocks()[family]


@pytest.mark.parametrize("family", blocks.LAST)
def test_a_block_has_parameters_of_its_u_net_with_their_shapes(family):
    whole = parameters_of((blocks.MODELS / "graphs" / family / "unet.f32.onnx").read_bytes())
    part = parameters_of(blocks.blocks()[family])
    assert f"{blocks.LAST[family]}.weight" in part
    assert part.items() < whole.items()
