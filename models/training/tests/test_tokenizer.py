"""The tokenizer: CLIP's format, and the words of the world whole."""

import json

import pytest
from transformers import CLIPTokenizer

from training import tokenizer
from training.world import captions, scenes

WORDS = captions.words(scenes.world_of({}))
LENGTH = 40


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    return folder, tokenizer.save(folder, WORDS, LENGTH)


def test_each_word_of_a_caption_is_one_token(saved):
    _, words = saved
    for word in (*WORDS, ","):
        assert len(words(word)["input_ids"]) == 3, word


def test_the_vocabulary_is_bytes_twice_merges_and_two_special_tokens(saved):
    folder, words = saved
    vocabulary = json.loads((folder / "vocab.json").read_text())
    merges = (folder / "merges.txt").read_text().splitlines()[1:]
    assert sorted(vocabulary.values()) == list(range(len(words)))
    assert len(words) == 512 + len(merges) + 2
    assert list(vocabulary)[-2:] == [tokenizer.START, tokenizer.END]
    assert all(pair.replace(" ", "") in vocabulary for pair in merges)


def test_prompts_begin_end_and_are_padded_as_in_clip(saved):
    _, words = saved
    ids = tokenizer.encode(words, ["a cat on the grass at sunset"])[0]
    end = words.convert_tokens_to_ids(tokenizer.END)
    assert len(ids) == LENGTH and ids[0] == words.convert_tokens_to_ids(tokenizer.START)
    assert ids[8:] == [end] * (LENGTH - 8) and words.pad_token_id == end


def test_words_it_has_never_seen_are_bytes_and_come_back(saved):
    _, words = saved
    ids = words("zèbre 7 猫", add_special_tokens=False)["input_ids"]
    assert len(ids) > 8 and words.unk_token_id not in ids
    assert words.decode(ids).replace(" ", "") == "zèbre7猫"


def test_merges_agree_with_the_slow_way_of_bpe(saved):
    """Applying merges by rank, the definition of BPE, gives the ids that transformers gives."""
    folder, words = saved
    vocabulary = json.loads((folder / "vocab.json").read_text())
    ranks = [tuple(line.split(" ")) for line in (folder / "merges.txt").read_text().splitlines()[1:]]
    table = tokenizer.byte_characters()
    for word in (*WORDS, "catfish", "snowball", "seagrass", "reading", "zebras", "onwards"):
        symbols = [table[b] for b in word.encode()]
        symbols[-1] += "</w>"
        for pair in ranks:
            symbols = tokenizer._merged(symbols, pair)
        assert [vocabulary[s] for s in symbols] == words(word, add_special_tokens=False)["input_ids"], word


def test_the_folder_is_read_by_transformers(saved):
    folder, words = saved
    again = CLIPTokenizer.from_pretrained(folder)
    text = "A Cat, on the GRASS at sunset"
    assert again(text)["input_ids"] == words(text)["input_ids"] and again.model_max_length == LENGTH


def test_too_long_a_prompt_is_cut_and_still_ends(saved):
    _, words = saved
    ids = tokenizer.encode(words, ["a cat " * 40])[0]
    assert len(ids) == LENGTH and ids[-1] == words.convert_tokens_to_ids(tokenizer.END)


def test_captions_fit(saved):
    _, words = saved
    world = scenes.world_of({})
    texts = [captions.prompt(scenes.draw(world, seed)) for seed in range(2000)]
    assert max(len(words(text)["input_ids"]) for text in texts) <= LENGTH
