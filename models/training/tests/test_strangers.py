"""The table of strangers' prompts."""

from training.evaluation import strangers

ASKED = [{"text": "a cat, 8k", "things": ["cat"]}, {"text": "🐱🍕", "things": ["cat", "pizza"]}]
DOCUMENT = "# Evaluation\n\n## Cost\n\nsmall\n\n## 100 pictures\n\nall\n"


def test_the_table_tells_of_each_prompt_what_was_drawn_and_found():
    part = strangers.section(ASKED, ["a cat", "a cat and a pizza"], [0, 1], [1, 2])
    assert "2 prompts" in part
    assert "finds 0.33 where every word is sent, and 1.00 where" in " ".join(part.split())
    assert "| 🐱🍕 | a cat and a pizza | 1 of 2 | 2 of 2 |" in part


def test_the_table_stands_before_the_last_section_once_however_often_it_is_written():
    first = strangers.section(ASKED, ["a cat", ""], [0, 0], [1, 0])
    second = strangers.section(ASKED, ["a cat", ""], [0, 0], [1, 2])
    twice = strangers.replaced(strangers.replaced(DOCUMENT, first), second)
    assert twice == strangers.replaced(DOCUMENT, second)
    titles = [line for line in twice.splitlines() if line.startswith("## ")]
    assert titles == ["## Cost", strangers.TITLE, "## 100 pictures"]
    assert twice.startswith("# Evaluation\n\n## Cost\n\nsmall\n") and twice.endswith("## 100 pictures\n\nall\n")
