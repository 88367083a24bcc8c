"""Cuts the first blocks out of full-width U-Nets: `python -m export.blocks` (from `models/`).

Where a whole U-Net is too large for a machine, its first blocks show that full width, names and byte ranges go together
in a session that computes: from the U-Net's own inputs to the end of a block, without the weights, as everything here.
Written to `src/runtime/__fixtures__/blocks`.
"""

from pathlib import Path

import onnx

MODELS = Path(__file__).parent.parent
OUT = MODELS.parent / "src" / "runtime" / "__fixtures__" / "blocks"
LAST = {"sd1": "down_blocks.0.downsamplers.0.conv", "sdxl": "down_blocks.1.downsamplers.0.conv"}
"""By family, the convolution that ends its first block with attention."""


def cut(graph: bytes, last: str) -> bytes:
    """The part of a graph that the convolution `last` needs, whose output becomes the only one, `block`."""
    model = onnx.load_from_string(graph)
    whole = model.graph
    maker = {name: node for node in whole.node for name in node.output}
    (end,) = [node for node in whole.node if f"{last}.weight" in node.input]
    end.output[0] = "block"
    kept, wanted, names = [], [end], {"block"}
    while wanted:
        node = wanted.pop()
        if node in kept:
            continue
        kept.append(node)
        names.update(node.input)
        wanted += [maker[name] for name in node.input if name in maker]
    nodes = [node for node in whole.node if node in kept]
    for field, parts in (
        (whole.node, nodes),
        (whole.initializer, [t for t in whole.initializer if t.name in names]),
        (whole.input, [port for port in whole.input if port.name in names]),
    ):
        parts = [type(part).FromString(part.SerializeToString()) for part in parts]
        del field[:]
        field.extend(parts)
    del whole.output[:]
    whole.output.append(onnx.helper.make_tensor_value_info("block", onnx.TensorProto.FLOAT, None))
    return model.SerializeToString()


def blocks() -> dict[str, bytes]:
    """The cut graph of each family in `LAST`."""
    graphs = MODELS / "graphs"
    return {family: cut((graphs / family / "unet.f32.onnx").read_bytes(), last) for family, last in LAST.items()}


def main() -> None:
    """Command line."""
    OUT.mkdir(parents=True, exist_ok=True)
    for family, graph in blocks().items():
        (OUT / f"{family}.onnx").write_bytes(graph)
        print(f"{family}: {len(graph)} bytes")


if __name__ == "__main__":
    main()
