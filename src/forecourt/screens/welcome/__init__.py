"""The first run: from an empty installation to an inbox with a lead in it, in three short steps."""
