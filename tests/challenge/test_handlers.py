"""What comes from a browser is checked before it is used, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from sqlalchemy import func, select

from demo.challenge.drawings.contributors import new_key
from demo.challenge.page.handlers import Handlers, address_of
from demo.challenge.page.panels import Annotate, Mine, Prompt
from demo.challenge.service import Challenge
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.sketchpad.drawing import Drawing
from tests.support.challenge_stores import SEVEN


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Handlers]:
    challenge = Challenge(str(tmp_path / "desk.db"))
    yield Handlers(challenge)
    challenge.close()


def visitor(address: str = "203.0.113.7", **headers: str) -> Any:
    return SimpleNamespace(client=SimpleNamespace(host=address), headers=headers)


def rows(store: Store, table: str) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(schema.metadata.tables[table])).scalar_one()


@pytest.mark.parametrize(
    "payload",
    [
        {"uid": 7, "label": 7},
        {"uid": "a", "label": 12},
        {"uid": "a", "label": [7]},
        {"label": True, "uid": "a"},
        {"uid": "a", "label": 7, "ticket": 7},
    ],
)
def test_an_invalid_annotation_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(gr.Error):
        Annotate().preprocess(payload)


@pytest.mark.parametrize("uids", [7, "abc", [7], ["a"] * 101, {"a": 1}])
def test_a_list_of_drawings_to_delete_is_checked(uids: object) -> None:
    with pytest.raises(gr.Error):
        Mine().preprocess({"uids": uids})


def test_what_a_panel_shows_is_not_read_as_an_answer() -> None:
    assert Annotate().preprocess({"uid": "a", "image": "data:"}) is None
    assert Mine().preprocess({"drawings": []}) is None
    assert Prompt().preprocess({"ticket": ["7"]}) == ""


@pytest.mark.parametrize("consent", ["false", "true", "on", 1, 0, None, [True], {}])
def test_only_a_ticked_box_is_consent(desk: Handlers, consent: object) -> None:
    prompt, _, _ = desk.welcome("", "", False, "", visitor())
    shown, *_ = desk.submit(new_key(), prompt["ticket"], Drawing.of(SEVEN), consent, "", "mouse", visitor())
    assert "without it nothing is kept" in shown["problem"]
    assert "Tick the box" in desk.assignment(new_key(), consent, visitor())["hint"]
    assert desk.welcome("", "", consent, "", visitor())[2] is False
    assert rows(desk.challenge.store, "contributors") == 1, "the owner of the gold items, and nobody else"


def test_looking_deleting_and_asking_for_prompts_leaves_no_row(desk: Handlers) -> None:
    desk.welcome("", "", False, "", visitor())
    tables = [table for table in schema.metadata.tables if table != "secrets"]
    before = {table: rows(desk.challenge.store, table) for table in tables}
    for number in range(20):
        key, stranger = new_key(), visitor(f"198.51.{number}.1")
        prompt, _, _ = desk.welcome(key, "Ada", True, "", stranger)
        desk.another(key, prompt["ticket"], stranger)
        assert desk.assignment(key, True, stranger)["uid"]
        desk.mine(key)
        desk.delete({"uids": None}, key, stranger)
        desk.delete({"uids": ["a"]}, key, stranger)
        desk.annotate({"take_back": "a" * 32}, key, True, stranger)
    assert {table: rows(desk.challenge.store, table) for table in tables} == before


def test_a_submitted_drawing_is_confirmed_with_what_the_nets_predict_and_the_next_prompt(desk: Handlers) -> None:
    key = new_key()
    prompt, _, _ = desk.welcome(key, "", True, "", visitor())
    again, _, _ = desk.welcome(key, "", True, prompt["ticket"], visitor())
    assert again == prompt, "coming back to the tab changes nothing"
    shown, pad, following = desk.submit(key, prompt["ticket"], Drawing.of(SEVEN), True, "Ada", "touch", visitor())
    assert shown["prompt"] == prompt["digit"]
    assert shown["next"] == following["digit"]
    assert following["ticket"] != prompt["ticket"]
    assert pad is None
    assert desk.mine(key)["number"] == 1
    assert desk.delete({"uids": None}, key, visitor()) == {"number": 0, "drawings": [], "forget": True}


def test_a_store_that_cannot_be_opened_is_said_without_saying_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    desk = Handlers(Challenge(str(tmp_path / "file" / "challenge.db")))
    shown, nickname, consent = desk.welcome("", "Ada", False, "", visitor())
    assert "no folder for the database" in shown["problem"]
    assert str(tmp_path) not in str(shown)
    assert (nickname, consent) == ("Ada", False)
    assert "problem" in desk.scoreboard()[0]
    assert "no folder for the database" in desk.scoreboard_table()["hint"]


def test_behind_a_spaces_proxy_the_address_is_the_one_that_the_proxy_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    request = visitor("10.0.0.1", **{"x-forwarded-for": "1.2.3.4, 203.0.113.7"})
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert address_of(request) == "10.0.0.1", "elsewhere anybody could write that header"
    monkeypatch.setenv("SPACE_ID", "ada/challenge")
    assert address_of(request) == "203.0.113.7"
