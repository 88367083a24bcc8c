"""Agreement with diffusers: every family of Stable Diffusion at reduced width, drawn by its pipelines and by ours."""
