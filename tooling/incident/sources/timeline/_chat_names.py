"""Names of people in chat messages, as roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from incident import word_lists
from incident.text.lazy_regex import lazy
from incident.text.values import mapping, string

SOMEBODY = "a responder"
_WORD = lazy(r"[^\W\d_][\w'\u2019-]*")
_TOKEN = lazy(r"(?<![\w/.-])[^\W_]+")
_ENDS = lazy(r"(?![\w@/]|\.\w)")
_STARTS = lazy(r"(?:^|[.!?:]\s+)$")


class People:
    """The users of an export. `roles`: a role in words by handle."""

    def __init__(self, roles: Mapping[str, str], language: str) -> None:
        self._roles = roles
        self._ambiguous = word_lists.words("ambiguous_names", language)
        self._handles: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        self._by_first: dict[str, list[str]] = {}

    def add(self, users: Iterable[dict[str, Any]]) -> None:
        """Learn users as users.json lists them; bots keep their names."""
        for user in users:
            profile = mapping(user.get("profile"))
            if user.get("is_bot") or profile.get("bot_id") or user.get("id") == "USLACKBOT":
                continue
            handle = string(user.get("name"))
            self._handles[string(user.get("id"))] = handle
            role = self._role(handle)
            for name in _names(user, profile):
                self._learn(name.casefold(), role)

    def _learn(self, name: str, role: str) -> None:
        first = _TOKEN().search(name)
        if first and name not in self._by_name:
            self._by_name[name] = role
            known = self._by_first.setdefault(first[0], [])
            known.append(name)
            known.sort(key=len, reverse=True)

    def add_authors(self, messages: Iterable[dict[str, Any]]) -> None:
        """Learn the users that messages describe: `user_profile`, in a file without users.json."""
        profiles = ((m.get("user"), mapping(m.get("user_profile"))) for m in messages)
        self.add({"id": user, "name": p.get("name"), "profile": p} for user, p in profiles if p)

    def person(self, user: str) -> str:
        """The role of a user by id."""
        return self._role(self._handles.get(user, ""))

    def hidden(self, text: str) -> str:
        """The text with roles for names."""
        parts, end = [], 0
        for word in _TOKEN().finditer(text):
            start = word.start()
            if start < end:
                continue
            for name in self._by_first.get(word[0].casefold(), ()):
                stop = start + len(name)
                if text[start:stop].casefold() == name and _ENDS().match(text, stop):
                    if role := self._role_for(name, text, start):
                        is_marked = start > 0 and text[start - 1] == "@"
                        parts += [text[end : start - is_marked], role]
                        end = stop
                    break
        return "".join([*parts, text[end:]]) if parts else text

    def _role_for(self, name: str, text: str, start: int) -> str:
        """The role for a name at a place; "" where it is an ordinary word."""
        is_capital, starts = text[start].isupper(), bool(_STARTS().search(text[:start]))
        is_marked = text[start - 1 : start] == "@" or not name.isalpha()
        if name in self._ambiguous and not is_marked and (starts or not is_capital):
            return ""
        role = self._by_name[name]
        return role[:1].upper() + role[1:] if starts and is_capital else role

    def _role(self, handle: str) -> str:
        return self._roles.get(handle.casefold(), SOMEBODY)


def _names(user: dict[str, Any], profile: dict[str, Any]) -> Iterator[str]:
    """Full names, display names, first and last names, and handles."""
    full = [string(place.get(key)) for place in (user, profile)
            for key in ("real_name", "real_name_normalized", "display_name",
                        "display_name_normalized", "first_name", "last_name", "name")]  # fmt: skip
    for name in full:
        words = _WORD().findall(name)
        if len(name.strip()) > 2 and words:
            yield name.strip()
        if 2 <= len(words) <= 5 and " " in name:
            yield from (word for word in (words[0], words[-1]) if len(word) > 2)
