"""Text edits: counted in code points, merged letter by letter, found word by word."""

import pytest

from ot.errors import OperationError
from ot.operation import TextDelete, TextEdit
from ot.text import (
    MAX_DIFF_TOKENS,
    apply_text,
    check_text,
    compose_text,
    diff_text,
    invert_text,
    log_text,
    normalise,
    transform_text,
)

D = TextDelete


@pytest.mark.parametrize(
    ("text", "edit", "then"),
    [
        ("abc", [], "abc"),
        ("abc", ["x"], "xabc"),
        ("abc", [3, "x"], "abcx"),
        ("abc", [1, D(1), "y"], "ayc"),
        ("abc", [D("ab")], "c"),
        ("a😀c", [2, "!"], "a😀!c"),
        ("😀😀", [1, D(1), "𝔘"], "😀𝔘"),
        ("e\u0301", [1, D(1)], "e"),
    ],
)
def test_an_edit_counts_code_points(text: str, edit: TextEdit, then: str) -> None:
    check_text(edit, len(text), "")
    assert apply_text(text, edit) == then


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ([0], "invalid_text_edit"),
        ([-1], "invalid_text_edit"),
        ([True], "invalid_text_edit"),
        ([""], "invalid_text_edit"),
        ([D(0)], "invalid_text_edit"),
        ([D(-1)], "invalid_text_edit"),
        ([D("")], "invalid_text_edit"),
        ([4], "text_out_of_range"),
        ([2, D(2)], "text_out_of_range"),
        ([D("abcd")], "text_out_of_range"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(edit: TextEdit, code: str) -> None:
    with pytest.raises(OperationError) as caught:
        check_text(edit, 3, "nodes/n/label")
    assert (caught.value.code, caught.value.at) == (code, "nodes/n/label")


@pytest.mark.parametrize(
    ("edit", "normal"),
    [
        ([1, 2, "a", "b", D(1), D(2)], [3, "ab", D(3)]),
        ([D("a"), D("b")], [D("ab")]),
        ([D("ab"), D(1)], [D(3)]),
        (["a", 5], ["a"]),
        ([5], []),
        (["a", D(1), 2, 3], ["a", D(1)]),
    ],
)
def test_the_normal_form_merges_neighbours_and_ends_in_no_skip(
    edit: TextEdit, normal: TextEdit
) -> None:
    assert normalise(edit) == normal


@pytest.mark.parametrize(
    ("a", "b", "first", "second"),
    [
        (["x"], ["y"], ["x"], [1, "x"]),
        ([1, "x"], ["yy"], [3, "x"], [3, "x"]),
        (["x"], [2, "y"], ["x"], ["x"]),
        ([D(2)], [1, D(2)], [D(1)], [D(1)]),
        ([D(3)], [1, "y"], [D(1), 1, D(2)], [D(1), 1, D(2)]),
        ([1, "x"], [D(3)], ["x"], ["x"]),
        ([D(1)], [D(1)], [], []),
        (["x", D(1)], [D(1), "y"], ["x"], ["x"]),
        ([3, "x"], [3, "y"], [3, "x"], [4, "x"]),
        ([1, "x"], ["😀"], [2, "x"], [2, "x"]),
    ],
)
def test_an_edit_is_shifted_by_what_the_other_did(
    a: TextEdit, b: TextEdit, first: TextEdit, second: TextEdit
) -> None:
    assert transform_text(a, b, True) == first
    assert transform_text(a, b, False) == second
    for tie in (True, False):
        left = apply_text(apply_text("abc", a), transform_text(b, a, not tie))
        assert left == apply_text(apply_text("abc", b), transform_text(a, b, tie))


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        (["x"], [1, "y"], ["xy"]),
        (["x"], [D(1)], []),
        (["xyz"], [1, D(1)], ["xz"]),
        ([D(1)], [D(1)], [D(2)]),
        ([1, D(1)], ["x"], ["x", 1, D(1)]),
        (["ab"], [D(4)], [D(2)]),
        ([D("a")], [D(1)], [D(2)]),
        ([2, "x"], [1, D(2)], [1, D(1)]),
    ],
)
def test_two_edits_become_one(a: TextEdit, b: TextEdit, both: TextEdit) -> None:
    assert compose_text(a, b) == both


def test_the_log_form_names_what_it_deletes_and_can_be_taken_back() -> None:
    log = log_text("a😀cd", [1, D(2), "x"])
    assert log == [1, D("😀c"), "x"]
    assert invert_text(log) == [1, "😀c", D("x")]
    assert apply_text("axd", invert_text(log)) == "a😀cd"


def test_an_edit_that_does_not_name_what_it_deletes_cannot_be_taken_back() -> None:
    with pytest.raises(OperationError) as caught:
        invert_text([D(1)])
    assert caught.value.code == "not_invertible"


@pytest.mark.parametrize(
    ("before", "after", "edit"),
    [
        ("same", "same", []),
        ("", "new", ["new"]),
        ("old", "", [D(3)]),
        ("one two three", "one 2 three", [4, D(3), "2"]),
        ("one two three four", "one 2 three 4", [4, D(3), "2", 7, D(4), "4"]),
        ("a😀b", "a😁b", [1, D(1), "😁"]),
        ("aaa", "aa", [2, D(1)]),
    ],
)
def test_a_difference_leaves_common_words_alone(before: str, after: str, edit: TextEdit) -> None:
    assert diff_text(before, after) == edit


def test_many_words_are_compared_by_lines() -> None:
    lines = [f"line {n}: some words that stay\n" for n in range(600)]
    assert len(lines) * 6 > MAX_DIFF_TOKENS
    after = lines.copy()
    after[0] = "first\n"
    after[300] = "changed\n"
    after[-1] = "last"
    edit = diff_text("".join(lines), "".join(after))
    assert apply_text("".join(lines), edit) == "".join(after)
    assert [part for part in edit if isinstance(part, str)] == ["first\n", "changed\n", "last"]


def test_more_lines_than_can_be_compared_are_written_from_the_first_to_the_last_change() -> None:
    lines = [f"{n}\n" for n in range(2 * MAX_DIFF_TOKENS)]
    after = [*lines]
    after[1], after[-2] = "x\n", "y\n"
    edit = diff_text("".join(lines), "".join(after))
    assert len(edit) == 3
    assert apply_text("".join(lines), edit) == "".join(after)


def test_edits_beside_a_difference_survive_it() -> None:
    text = "The quick brown fox"
    person, agent = diff_text(text, "The slow brown fox"), diff_text(text, "The quick red fox")
    merged = apply_text(apply_text(text, person), transform_text(agent, person, True))
    assert merged == "The slow red fox"
