"""The field's words for tables and columns; what they hold is left as it is."""

from sqlalchemy import Connection, text

STATEMENTS = (
    "ALTER TABLE contents RENAME COLUMN picture TO image",
    "ALTER TABLE contributors RENAME COLUMN known_seen TO gold_seen",
    "ALTER TABLE contributors RENAME COLUMN known_right TO gold_correct",
    "ALTER TABLE drawings RENAME COLUMN judged TO annotated",
    "UPDATE drawings SET state = 'gold' WHERE state = 'known'",
    "DROP INDEX drawings_to_judge",
    "CREATE INDEX drawings_to_annotate ON drawings (state, round, disagreement DESC)",
    "DROP INDEX judgements_of_contributor",
    "ALTER TABLE judgements RENAME TO annotations",
    "ALTER TABLE annotations RENAME COLUMN said TO label",
    "CREATE INDEX annotations_of_contributor ON annotations (contributor_id)",
    "ALTER TABLE turns RENAME TO assignments",
    "DROP INDEX answers_of_checkpoint",
    "ALTER TABLE answers RENAME TO predictions",
    "CREATE INDEX predictions_of_checkpoint ON predictions (checkpoint, input_version, drawing_id, digit)",
    "DELETE FROM scoreboards",  # written in the old words; the next visit makes a new one
)


def migrate(connection: Connection) -> None:
    for statement in STATEMENTS:
        connection.execute(text(statement))
