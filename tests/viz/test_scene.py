"""A scene says what to show, and refuses what cannot be shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node.compact import compact
from lessons.trace import Trace
from lessons.viz import PANELS, Logs, Look, Mark, Prediction, Scene, compare, play
from lessons.viz.scene import slug
from tests.viz.runs import everything, lost_update


def scene(**options: Any) -> Scene:
    return Scene(**{"title": "Lost update", "caption": "Two clerks.", "runs": {"a": lost_update()}, **options})


def test_the_document_has_its_keys_in_a_fixed_order() -> None:
    assert list(scene().document()) == ["format", "id", "title", "caption", "layout", "look", "runs", "predict"]
    assert scene().document()["layout"] == [panel for panel in PANELS if panel != "logs"]


def test_the_same_scene_gives_the_same_bytes() -> None:
    assert compact(scene().document()) == compact(scene().document())


def test_the_id_comes_from_the_title() -> None:
    assert scene(title="The lost update, again!").id == "the-lost-update-again"


@given(st.text())
def test_a_slug_has_only_letters_digits_and_single_hyphens(title: str) -> None:
    made = slug(title)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert "--" not in made and made.strip("-") == made


def test_marks_stand_in_their_run_in_the_order_of_events() -> None:
    marks = [Mark(9, "later"), Mark(2, "sooner"), Mark(1, "elsewhere", run=1)]
    runs = scene(runs={"a": lost_update(), "b": everything()}, marks=marks).document()["runs"]
    assert runs[0]["marks"] == [{"event": 2, "text": "sooner"}, {"event": 9, "text": "later"}]
    assert runs[1]["marks"] == [{"event": 1, "text": "elsewhere"}]


def test_a_mark_may_name_its_event_by_a_part_of_its_line() -> None:
    (mark,) = scene(marks=[Mark("total: 0 -> 1", "One addition is lost.")]).marks
    assert "total: 0 -> 1" in lost_update().lines()[int(mark.event)]


def test_a_prediction_is_asked_before_its_event() -> None:
    asked = Prediction("is broken", "What is the total?", ["1", "2"], 0, "Both wrote 1.")
    assert scene(predictions=[asked]).document()["predict"] == [
        {
            "run": 0,
            "event": 13,
            "question": "What is the total?",
            "options": ["1", "2"],
            "answer": 0,
            "why": "Both wrote 1.",
        }
    ]


def test_compare_plays_two_runs_in_lockstep_from_their_first_difference() -> None:
    document = compare(lost_update(), lost_update(broken=False), title="Twice", caption="The same seed.").document
    assert [run["label"] for run in document["runs"]] == ["first draft", "repaired"]
    assert document["pair"] == [0, 1] and document["diff"] == [9, 9]


def test_two_equal_runs_have_no_first_difference() -> None:
    document = compare(lost_update(), lost_update(), title="Twice", caption="The same seed.").document
    assert document["pair"] == [0, 1] and "diff" not in document


def test_a_run_that_ends_early_differs_at_its_last_event() -> None:

    whole = lost_update()
    part = Trace.of(whole.events[:5], nodes=whole.nodes, watched=whole.watched, seed=31)
    assert compare(part, whole, title="Twice", caption="One stops.").document["diff"] == [4, 5]


def test_the_look_reaches_the_player() -> None:
    look = Look("role", {"leader": 1})
    document = play(everything(), title="Roles", look=look).document
    assert document["look"] == {"badge": "role", "tones": {"leader": 1}}


def test_captions_and_deadline_reach_the_player() -> None:
    look = Look(captions={"role": "is"}, deadline="seen")
    document = play(everything(), title="Roles", look=look).document
    assert document["look"] == {"captions": {"role": "is"}, "deadline": "seen"}


def test_a_message_bears_the_words_that_the_look_gives_it_and_else_its_type() -> None:
    def words(message: Any) -> str:
        return message.text.upper() if message.text == "late" else ""

    player = play(everything(), title="All", look=Look(label=words))
    sends = [event for event in player.document["runs"][0]["events"] if event[0] == "s"]
    assert [event[7:] for event in sends] == [[], [], [], ["LATE"], []]
    assert ">LATE: down<" in player.svg() and ">hello<" not in player.svg()


def test_the_still_picture_leaves_out_timers_that_are_set_again() -> None:
    shown = play(everything(), title="All", look=Look(deadline="seen")).svg()
    assert "role = leader" in shown and "seen = " not in shown


def test_title_and_caption_are_computed_where_none_is_given() -> None:
    document = play(lost_update()).document
    assert document["title"] == "Lost update" and document["id"] == "lost-update"
    assert "NoLostUpdate is broken" in document["caption"]


def test_the_document_is_json() -> None:
    document = play(everything(), title="All").document
    assert json.loads(compact(document)) == document


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"title": " "}, "title is empty"),
        ({"caption": ""}, "caption is empty"),
        ({"id": "No Slug"}, "id is 'No Slug': it must be a slug"),
        ({"title": "???"}, "id is '': it must be a slug"),
        ({"runs": {}}, "runs has 0 runs: a player shows 1 to 8"),
        ({"layout": ["cluster", "hologram"]}, "layout is .*hologram.*cluster, logs, lanes, table, events"),
        ({"layout": ["cluster", "cluster"]}, "layout is .*each panel once"),
        ({"layout": "cluster"}, "layout is 'cluster'"),
        ({"layout": []}, "layout is"),
        ({"layout": ["logs"]}, "layout has 'logs', but logs is None"),
        ({"pair": (0, 1)}, r"pair is \(0, 1\): it must name two runs, 0 to 0"),
        ({"marks": [Mark(99, "x")]}, "event of a mark is 99: it must be 0 to 13"),
        ({"marks": [Mark(-1, "x")]}, "event of a mark is -1"),
        ({"marks": [Mark(True, "x")]}, "event of a mark is True"),
        ({"marks": [Mark("nobody says this", "x")]}, "no line of the run's transcript contains it"),
        ({"marks": [Mark(0, "x", run=3)]}, "run of a mark is 3: it must be 0 to 0"),
        ({"predictions": [Prediction(99, "?", ["a", "b"], 0, "")]}, "event of a prediction is 99"),
        ({"look": Look("mood")}, "badge is 'mood': it must be a watched field, one of total"),
        ({"look": Look(deadline="timer")}, "deadline is 'timer': it must be a watched field, one of total"),
        ({"look": Look(captions={"vote": "for"})}, "captions of vote is 'vote': it must be a watched field"),
        ({"logs": Logs("total", base="bse")}, "base of logs is 'bse': it must be a watched field, one of total"),
        ({"logs": Logs("total", leader=("role", "x"))}, "leader of logs is 'role': it must be a watched field"),
    ],
)
def test_bad_input_is_refused_with_its_value_and_the_rule(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        scene(**options)


def test_a_tone_outside_the_palette_is_refused() -> None:
    with pytest.raises(ValueError, match=r"tones\['leader'\] is 8: it must be a tone, 0 to 7"):
        Look("role", {"leader": 8})


def test_tones_without_a_badge_are_refused() -> None:
    with pytest.raises(ValueError, match="name the watched field"):
        Look(tones={"leader": 1})


@pytest.mark.parametrize(("options", "answer"), [(["a", "b"], 2), (["a", "b"], -1), (["only"], 0), ("ab", 0)])
def test_a_prediction_needs_options_and_an_answer_among_them(options: Any, answer: int) -> None:
    with pytest.raises(ValueError, match=r"options is|answer is"):
        Prediction(0, "?", options, answer, "")


def test_a_run_without_events_is_refused() -> None:

    with pytest.raises(ValueError, match=r"runs\['a'\] has no events"):
        scene(runs={"a": Trace.of([], nodes={})})


def test_equal_labels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"labels is \('a', 'a'\)"):
        compare(lost_update(), lost_update(), labels=("a", "a"))
