"""The database of drawings: engine, schema and images."""
