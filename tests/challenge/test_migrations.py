"""The challenge's migrations, from empty and from the first version with data, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from demo.challenge import migrations
from demo.challenge.store import schema
from demo.challenge.store.database import Store, StoreError, url_of
from tests.support.challenge_stores import SEVEN


def columns(connection: Connection) -> dict[str, dict[str, tuple[str, bool]]]:
    """Kind and nullability of every column of every table."""
    look = inspect(connection)
    return {
        table: {
            column["name"]: (column["type"]._type_affinity.__name__, column["nullable"])
            for column in look.get_columns(table)
        }
        for table in look.get_table_names()
        if table != "migrations"
    }


@pytest.fixture
def engine(address: str) -> Engine:
    return create_engine(url_of(address))


def test_the_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    with engine.begin() as connection:
        migrations.run(connection)
        made = columns(connection)
        indexes = {index["name"] for table in made for index in inspect(connection).get_indexes(table)}
    wanted = {
        table.name: {
            column.name: (column.type._type_affinity.__name__, bool(column.nullable)) for column in table.columns
        }
        for table in schema.metadata.sorted_tables
    }
    assert made == wanted
    assert {index.name for table in schema.metadata.sorted_tables for index in table.indexes} <= indexes
    engine.dispose()


def test_data_of_the_first_version_survives_every_later_step(engine: Engine, address: str) -> None:
    with engine.begin() as connection:
        migrations.run(connection, up_to=1)
        connection.execute(text("INSERT INTO contributors (key_hash, day, known_seen) VALUES ('aa', '2026-11-22', 5)"))
        connection.execute(
            text(
                "INSERT INTO drawings (uid, contributor_id, prompt, day, device, app_version, pen, state, round) "
                "VALUES ('u', 1, 7, '2026-11-22', 'mouse', '0.1.0', '{}', 'open', 0), "
                "('k', 1, 3, '2026-11-22', 'mouse', '0.1.0', '{}', 'known', 0)"
            )
        )
        connection.execute(
            text("INSERT INTO contents (drawing_id, strokes, picture) VALUES (1, :strokes, :image)"),
            {"strokes": str(SEVEN), "image": b"PNG"},
        )
        connection.execute(
            text("INSERT INTO judgements (drawing_id, contributor_id, said, day) VALUES (1, 1, 7, '2026-11-22')")
        )
    engine.dispose()
    store = Store(address)
    with store.reading() as connection:
        drawing, gold = connection.execute(schema.drawings.select().order_by(schema.drawings.c.id)).all()
        content = connection.execute(schema.contents.select()).one()
        assert migrations.done(connection) == len(migrations.STEPS)
        assert (drawing.uid, drawing.prompt, drawing.pen_name) == ("u", 7, "own")
        assert drawing.length == pytest.approx(0.6 + (0.35**2 + 0.65**2) ** 0.5)
        assert bytes(content.image) == b"PNG"
        annotation = connection.execute(schema.annotations.select()).one()
        assert (annotation.label, annotation.counted, annotation.revision) == (7, True, 0)
        assert (gold.state, annotation.address_group) == (schema.GOLD, None)
        assert connection.execute(schema.contributors.select()).one().gold_seen == 5
    store.close()


def test_a_step_that_fails_leaves_the_database_as_it_was(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine(url_of(address))
    with engine.begin() as connection:
        migrations.run(connection, up_to=1)
    engine.dispose()
    monkeypatch.setattr(migrations.m0002_answers, "STATEMENTS", ("CREATE TABLE answers (x INTEGER)", "NO SUCH WORD"))
    with pytest.raises(StoreError) as caught:
        Store(address)
    assert "NO" in caught.value.detail
    engine = create_engine(url_of(address))
    with engine.connect() as connection:
        assert migrations.done(connection) == 1
        assert not inspect(connection).has_table("answers")
    engine.dispose()


def test_a_database_of_a_later_version_is_refused(store: Store, address: str) -> None:
    with store.writing() as connection:
        connection.execute(text("INSERT INTO migrations (number, name) VALUES (99, 'm0099_future')"))
    with pytest.raises(StoreError, match="update the program"):
        Store(address)


def test_an_address_that_is_no_database_is_refused_with_a_reason() -> None:
    with pytest.raises(StoreError, match="SQLite and PostgreSQL, not mysql"):
        Store("mysql://somewhere/db")
    with pytest.raises(StoreError, match="neither a path nor"):
        Store("://")
