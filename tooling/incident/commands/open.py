"""`incident open`: a postmortem where it is read."""

from __future__ import annotations

import sys

import click

from incident.commands import Settings, _editing, echo, examples
from incident.postmortem import wiki_urls
from incident.repository.config import path_in
from incident.text import untrusted_text

SECTION = "Write"


@click.command(
    epilog=examples(
        "incident open revenue",
        "incident open revenue --print",
    ),
)
@click.argument("postmortem", metavar="ID")
@click.option(
    "--print", "only_print", is_flag=True, help="Print the address or path, open nothing."
)
@click.pass_obj
def command(settings: Settings, /, postmortem: str, only_print: bool) -> None:
    """Open a postmortem in the wiki; without a wiki, in the pager.

    The wiki's address is `wiki_url` in the configuration. Without a terminal, the address or path
    is printed instead.
    """
    target = _editing.find(settings, postmortem)
    p = target.postmortem
    address = wiki_urls.absolute(target.config.wiki_url, wiki_urls.page_url(p.path, p.archive))
    if only_print or not sys.stdout.isatty():
        echo(address or path_in(target.config.root, target.path))
    elif not address:
        click.echo_via_pager(untrusted_text.shown(target.document.text))
    elif click.launch(address):
        echo(address)
        settings.say("note: no browser opened")
