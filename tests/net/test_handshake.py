"""The handshake: who does not know the secret gets nowhere, as dialler, as listener, or in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.net.errors import Malformed, Refused
from lessons.net.handshake import Dialling, Identity, Listening, proof
from lessons.node.compact import compact

N1 = Identity("raft", "n1", "digest", b"a secret of 16 b")
N2 = replace(N1, name="n2")

Tamper = Callable[[int, str], str]


def shake(dialler: Identity, listener: Identity, to: str = "n2", tamper: Tamper = lambda step, text: text) -> list[str]:
    """Let both talk until they are done; returns all that was said. ``tamper`` sees each text by its number."""
    one, other = Dialling(dialler, to), Listening(listener)
    said = [tamper(0, one.first)]
    while not one.done:
        answer: str | None = (other if len(said) % 2 else one).step(said[-1])
        if answer is not None:
            said.append(tamper(len(said), answer))
    assert other.done
    return said


def test_two_that_know_the_secret_agree_in_four_messages() -> None:
    said = shake(N1, N2)
    assert len(said) == 4
    assert not any(N1.secret.decode() in text for text in said)


@pytest.mark.parametrize(
    ("dialler", "listener", "why"),
    [
        (N1, replace(N2, secret=b"another of 16 by"), "n2 does not know the secret"),
        (N1, replace(N2, secret=b""), "n2 does not know the secret"),
        (N1, replace(N2, cluster="kv"), "n1 is of cluster 'raft', n2 of 'kv'"),
        (N1, replace(N2, words="older"), "n1 knows other messages than n2"),
        (N1, replace(N2, name="n3"), "n1 wants to talk with 'n2', and this is 'n3'"),
    ],
)
def test_others_are_refused(dialler: Identity, listener: Identity, why: str) -> None:
    with pytest.raises(Refused, match=why):
        shake(dialler, listener)


def test_a_listener_does_not_believe_a_dialler_that_does_not_check_it() -> None:
    listener = Listening(N2)
    liar = Dialling(replace(N1, secret=b"another of 16 by"), "n2")
    said = json.loads(listener.step(liar.first))
    wrong = proof(replace(N1, secret=b"another of 16 by"), "dialler", liar.first, said["hello"])
    with pytest.raises(Refused, match="n1 does not know the secret"):
        listener.step(compact({"proof": wrong}))
    assert not listener.done


def test_the_proof_of_the_listener_is_none_for_the_dialler() -> None:
    """Reflection: to send a proof back to the one who made it."""
    listener, stranger = Listening(N2), Dialling(N1, "n2")
    said = json.loads(listener.step(stranger.first))
    with pytest.raises(Refused):
        listener.step(compact({"proof": said["proof"]}))


def test_a_conversation_that_was_overheard_opens_nothing_again() -> None:
    hello, _, shown, _ = shake(N1, N2)
    again = Listening(N2)
    again.step(hello)
    with pytest.raises(Refused, match="n1 does not know the secret"):
        again.step(shown)


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize(("field", "value"), [("version", 0), ("name", "n9"), ("role", "operator"), ("words", "older")])
def test_nobody_can_change_a_hello_on_its_way(step: int, field: str, value: Any) -> None:
    """Downgrade: both sides prove what they have heard."""

    def tamper(number: int, text: str) -> str:
        if number != step:
            return text
        data = json.loads(text)
        if step == 0:
            return compact({**data, field: value})
        return compact({**data, "hello": compact({**json.loads(data["hello"]), field: value})})

    with pytest.raises(Refused):
        shake(N1, N2, tamper=tamper)


def test_another_version_is_told_apart() -> None:
    newer = compact({**json.loads(Dialling(N1, "n2").first), "version": 3})
    with pytest.raises(Refused, match="n1 speaks version 3 of the protocol, n2 version 2"):
        Listening(N2).step(newer)


def test_a_refusal_is_told() -> None:
    with pytest.raises(Refused, match="n2 refuses n1: it is late"):
        Dialling(N1, "n2").step(compact({"refused": "it is late"}))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="secret has 5 bytes: it must have 16 or more, or none"):
        replace(N1, secret=b"short")


json_texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["proof", "hello", "welcome", "version"]), inner, max_size=3),
).map(json.dumps)


@given(st.lists(st.text(max_size=30) | json_texts, max_size=3), st.booleans())
@settings(derandomize=True, deadline=None, max_examples=200)
def test_noise_opens_nothing(noise: list[str], greeted: bool) -> None:
    for talk in (Dialling(N1, "n2"), Listening(N2)):
        if greeted and isinstance(talk, Listening):
            talk.step(Dialling(N1, "n2").first)
        for text in noise:
            try:
                talk.step(text)
            except (Malformed, Refused):
                break
        assert not talk.done
