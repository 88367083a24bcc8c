"""What is held to diffusers: every family as a diffusers folder, and the other forms where families differ in them."""

from parity.families import FAMILIES
from parity.original_fixture import REDUCED

PLAIN = "diffusers folder"
SD1, SD2, SDXL = "SD 1.x", "SD 2.x, v-prediction", "SDXL"

CASES: tuple[tuple[str, str], ...] = (
    *((family, PLAIN) for family in FAMILIES),
    (SD1, f"{PLAIN}, f16"),
    (SD1, f"{PLAIN}, bf16"),
    (SD1, f"{PLAIN}, fp16 variant"),
    (SDXL, f"{PLAIN}, f16"),
    (SDXL, f"{PLAIN}, sharded"),
)
"""Family and form, each held to diffusers by `tests/test_parity.py`."""

TABLED: tuple[tuple[str, str], ...] = (
    *CASES,
    *((family, "one file") for family in REDUCED),
    *((family, f"one file, {dtype}") for family in (SD1, SD2, SDXL) for dtype in ("f16", "bf16")),
    (SD1, "ONNX, as diffusers writes it"),
    (SD1, "ONNX, as optimum writes it"),
    (SDXL, "ONNX, as optimum writes it"),
)
"""The rows of the table in `parity/README.md`: these, and forms that have tests of their own."""
