"""Roles and what each may do. A page or an action names the permission that it needs; nothing else is asked."""

from enum import StrEnum

from crawler.model.text import Text


class Permission(StrEnum):
    """What one may do in the console."""

    READ = "read"
    # Decide about incidents: take, confirm, reject, note, join, register a report.
    DECIDE = "decide"
    # Write saved searches.
    SEARCHES = "searches"
    # Carry data out: archive, reports.
    EXPORT = "export"
    PEOPLE = "people"


class Role(StrEnum):
    """Who one is."""

    READER = "reader"
    OPERATOR = "operator"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


MAY: dict[Role, frozenset[Permission]] = {
    Role.READER: frozenset({Permission.READ}),
    Role.OPERATOR: frozenset({Permission.READ, Permission.DECIDE}),
    Role.ANALYST: frozenset({Permission.READ, Permission.SEARCHES, Permission.EXPORT}),
    Role.ADMINISTRATOR: frozenset(Permission),
}

ROLE_NAMES = {
    Role.READER: Text("читатель", "reader"),
    Role.OPERATOR: Text("оператор", "operator"),
    Role.ANALYST: Text("аналитик", "analyst"),
    Role.ADMINISTRATOR: Text("администратор", "administrator"),
}
"""What people call the roles."""

PERMISSION_NAMES = {
    Permission.READ: Text("смотреть", "look"),
    Permission.DECIDE: Text("решать по инцидентам", "decide about incidents"),
    Permission.SEARCHES: Text("менять запросы", "change saved searches"),
    Permission.EXPORT: Text("выгружать данные", "export data"),
    Permission.PEOPLE: Text("управлять людьми и ролями", "manage people and roles"),
}
"""What the permissions allow, after «may»."""


def roles_that_may(permission: Permission) -> list[Role]:
    """Who may do it, from the least of roles on."""
    return [role for role in Role if permission in MAY[role]]
