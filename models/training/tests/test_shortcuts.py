"""The autoencoder by its shortcuts: what its layers compute, and the gradients that they give."""

import pytest
import torch

from training import autoencoder, shortcuts

CONFIG = {"autoencoder": {"width": 28, "latent_channels": 4, "encoder_blocks": [0, 0, 1], "decoder_blocks": [1, 1, 0]}}


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    model = autoencoder.build(CONFIG)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    return model


def inside(x: torch.Tensor, edge: int) -> torch.Tensor:
    return x[..., edge:-edge, edge:-edge]


@pytest.mark.parametrize("half", ["encoder", "decoder"])
def test_a_half_computes_what_its_layers_do_but_at_the_edge(model, half):
    x = torch.randn(2, 3, 64, 80) if half == "encoder" else torch.randn(2, 4, 12, 16)
    want = getattr(model, half)(x)
    got = shortcuts.encode(model, x) if half == "encoder" else shortcuts.decode(model, x)
    edge = 6 if half == "encoder" else 1
    assert torch.allclose(inside(got, edge), inside(want, edge), atol=1e-4)
    assert want.shape == got.shape and want.std() > 0.01


def test_repeated_pixels_are_convolved_exactly_to_the_edge():
    torch.manual_seed(0)
    x, weight = torch.randn(2, 5, 6, 7), torch.randn(4, 5, 3, 3)
    want = torch.nn.functional.conv2d(torch.nn.functional.interpolate(x, scale_factor=2.0), weight, padding=1)
    assert torch.allclose(shortcuts.repeated(x, weight), want, atol=1e-4)


def test_gradients_are_those_of_the_layers(model):
    z = torch.randn(2, 4, 8, 8)
    weights = list(model.decoder.parameters())
    want = torch.autograd.grad(inside(model.decoder(z), 1).square().mean(), weights)
    got = torch.autograd.grad(inside(shortcuts.decode(model, z), 1).square().mean(), weights)
    assert all(torch.allclose(a, b, rtol=1e-3, atol=1e-5) for a, b in zip(got, want, strict=True))


def test_with_blocks_outermost_the_layers_are_kept():
    torch.manual_seed(1)
    options = {"width": 28, "latent_channels": 4, "encoder_blocks": [1, 0], "decoder_blocks": [0, 1]}
    model = autoencoder.build({"autoencoder": options})
    x, z = torch.randn(1, 3, 16, 16), torch.randn(1, 4, 8, 8)
    assert torch.allclose(shortcuts.encode(model, x), model.encoder(x), atol=1e-5)
    assert torch.allclose(shortcuts.decode(model, z), model.decoder(z), atol=1e-5)
