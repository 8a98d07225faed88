"""The keyboard's shortcuts: one table, for the handler (static/keys.js), the help sheet and the palette."""

from __future__ import annotations

import msgspec


class Shortcut(msgspec.Struct, frozen=True):
    """Keys, what they do in words, and how the handler finds it."""

    keys: str
    does: str
    action: str


SHORTCUTS = (
    Shortcut("j", "Next customer", "move:1"),
    Shortcut("k", "Previous customer", "move:-1"),
    Shortcut("Enter", "Open", "row:open"),
    Shortcut("x", "Select", "pick:row"),
    Shortcut("c", "Call", "click:call"),
    Shortcut("r", "Reply", "click:reply"),
    Shortcut("m", "Text message", "click:sms"),
    Shortcut("e", "E-mail", "click:email"),
    Shortcut("n", "Note", "click:note"),
    Shortcut("d", "Contacted", "click:contacted"),
    Shortcut("l", "Lost", "click:lost"),
    Shortcut("w", "Converted", "click:converted"),
    Shortcut("t", "Test drive", "click:appointment"),
    Shortcut("i", "Assign to me", "click:assign_me"),
    Shortcut("a", "Assign", "click:assign"),
    Shortcut("s", "Snooze", "click:snooze"),
    Shortcut("*", "Golden", "click:golden"),
    Shortcut("z", "Undo the last", "undo:last"),
    Shortcut("/", "Search this list", "focus:#filter"),
    Shortcut("g i", "Go to the inbox", "go:/"),
    Shortcut("g m", "Go to mine", "go:/?view=mine"),
    Shortcut("g u", "Go to unassigned", "go:/?view=unassigned"),
    Shortcut("g o", "Go to overdue", "go:/?view=overdue"),
    Shortcut("g a", "Go to the diary", "go:/appointments"),
    Shortcut("g r", "Go to reports", "go:/reports"),
    Shortcut("g d", "Go to developers", "go:/developers"),
    Shortcut("g s", "Go to settings", "go:/settings"),
    Shortcut("?", "This sheet", "open:keys-help"),
)
