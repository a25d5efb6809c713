"""Which address group something came from, as a keyed hash; labels that do not count, were taken back or undone."""

from sqlalchemy import Connection, text

STATEMENTS = (
    "ALTER TABLE contributors ADD COLUMN address_group VARCHAR(32)",
    "ALTER TABLE drawings ADD COLUMN address_group VARCHAR(32)",
    "ALTER TABLE annotations ADD COLUMN address_group VARCHAR(32)",
    "ALTER TABLE annotations ADD COLUMN counted BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE annotations ADD COLUMN revision SMALLINT NOT NULL DEFAULT 0",
    "ALTER TABLE flags ADD COLUMN address_group VARCHAR(32)",
    "ALTER TABLE flags ADD COLUMN withdrawn BOOLEAN NOT NULL DEFAULT FALSE",
    "CREATE INDEX contributors_of_group ON contributors (address_group, day)",
    "CREATE INDEX drawings_of_group ON drawings (address_group, day)",
    "CREATE INDEX annotations_of_group ON annotations (address_group)",
    "DELETE FROM secrets WHERE name LIKE 'address %'",
)


def migrate(connection: Connection) -> None:
    for statement in STATEMENTS:
        connection.execute(text(statement))
