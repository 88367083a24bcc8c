"""Sampler traces computed with diffusers' own schedulers, for the tests of `src/diffusion`."""
