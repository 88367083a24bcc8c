"""The network that says how well a picture fits its prompt."""

import json

import torch

from export import prompt_match
from export.prompt_match import PromptMatch, folded
from export.small import matcher

PIXELS, TEXT = torch.randn(3, 3, 32, 32).clamp(-1, 1), torch.randn(3, 9, 32)
END = torch.tensor([1, 5, 8])


def test_folding_keeps_what_was_learnt():
    torch.manual_seed(0)
    learning = PromptMatch(matcher().config, learns=True)
    for _ in range(3):
        learning(2 * PIXELS + 0.5, TEXT, END)  # moves the running means and variances
    with torch.no_grad():
        torch.testing.assert_close(folded(learning)(PIXELS, TEXT, END), learning.eval()(PIXELS, TEXT, END))


def test_a_folded_module_is_read_back_as_it_was_saved(tmp_path):
    module = matcher().eval()
    prompt_match.save(module, tmp_path, torch.float32)
    assert json.loads((tmp_path / "config.json").read_text()) == module.config
    with torch.no_grad():
        torch.testing.assert_close(prompt_match.load(tmp_path)(PIXELS, TEXT, END), module(PIXELS, TEXT, END))


def test_the_cosine_ignores_padding_and_how_many_texts_there_are():
    module, other = matcher().eval(), TEXT.clone()
    for row, end in enumerate(END):
        other[row, end + 1 :] = 7.0
    with torch.no_grad():
        want = module(PIXELS, TEXT, END)
        torch.testing.assert_close(module(PIXELS, other, END), want)
        torch.testing.assert_close(module(PIXELS[1:2], TEXT[1:2, :6], END[1:2]), want[1:2])
    assert want.abs().max() <= 1


def test_the_cosine_depends_on_every_word_and_on_where_things_stand():
    module = matcher().eval()
    with torch.no_grad():
        want = module(PIXELS, TEXT, END)
        changed = TEXT.clone()
        changed[:, 0] += 1
        assert not torch.allclose(module(PIXELS, changed, END), want, atol=1e-4)
        assert not torch.allclose(module(PIXELS.flip(3), TEXT, END), want, atol=1e-4)
