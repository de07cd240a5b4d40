"""Several violations as one text."""

from mdscripts.domain.violations import DETAIL_LIMIT, Violation, render_detail


def violation(text):
    return Violation("XX-01", "role", text)


def test_a_single_violation_is_its_own_message():
    assert render_detail([violation("role is wrong. [RO-04]")]) == "role is wrong. [RO-04]"


def test_several_violations_are_numbered():
    assert render_detail([violation("a. [A-1]"), violation("b. [B-2]")]) == "(1) a. [A-1] (2) b. [B-2]"


def test_nothing_wrong_is_no_text():
    assert render_detail([]) == ""


def test_what_does_not_fit_is_counted():
    detail = render_detail([violation("x" * 300)] * 7)
    assert len(detail) <= DETAIL_LIMIT
    assert detail == f"(1) {'x' * 300} (2) {'x' * 300} (3) {'x' * 300} and 4 more"


def test_as_many_are_shown_as_fit_beside_the_count():
    room = DETAIL_LIMIT - len(" and 2 more")
    second = "y" * (room - len("(1) xxx (2) "))
    fitting = [violation("xxx"), violation(second), violation("z"), violation("z")]
    assert render_detail(fitting) == f"(1) xxx (2) {second} and 2 more"
    too_long = [violation("xxx"), violation(second + "y"), violation("z"), violation("z")]
    assert render_detail(too_long) == "(1) xxx and 3 more"


def test_a_text_that_just_fits_is_whole():
    first, second = "x" * 500, "y" * (DETAIL_LIMIT - 500 - len("(1)  (2) "))
    detail = render_detail([violation(first), violation(second)])
    assert detail == f"(1) {first} (2) {second}"
    assert len(detail) == DETAIL_LIMIT


def test_the_count_itself_fits_too():
    for length in range(440, 520):
        detail = render_detail([violation("x" * length)] * 3)
        assert len(detail) <= DETAIL_LIMIT
        assert detail.endswith(" more")


def test_one_huge_message_is_cut():
    assert len(render_detail([violation("x" * 5000)])) == DETAIL_LIMIT
    assert render_detail([violation("x" * 5000)] * 2).endswith("x and 1 more")
