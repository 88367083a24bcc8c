"""What is held to diffusers: every family as a diffusers folder, and the other forms where families differ in them."""

from parity.families import FAMILIES

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
"""Family and form."""
