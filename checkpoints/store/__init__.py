"""The weights that are here: their manifest, their files, and the loaded nets kept in memory."""
