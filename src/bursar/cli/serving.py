"""`bursar serve | demo`: the pages and the job consumer, and a made-up company to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.options import Home, Json
from bursar.cli.output import print_json, say, working
from bursar.cli.session import SESSION, configure, open_home

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 opens it to the network.")]


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("demo")(demo)


def serve(host: Host = "127.0.0.1", port: Port = 8000, home: Home = None) -> None:
    """Serve the pages and carry out jobs, until Ctrl-C."""
    open_home()
    from bursar.cli.server import address, run_server
    from bursar.flow.setup import setup_token

    token = setup_token()
    say(f"Bursar serves on {address(host, port)}  (Ctrl-C stops it)")
    if token:
        say(f"No user yet. Make the first administrator: {address(host, port)}set-up/{token}")
    run_server(host, port)


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Build it only.")] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Build a made-up company with two years of cost, then serve it."""
    configure()
    from bursar.cli.server import address, run_server
    from bursar.flow.setup import initialise

    with working("Building the demo company …") as progress:
        initialise()
        from bursar.flow.demo.build import build_demo

        built = build_demo(progress=progress)
    built = {**built, "address": address(host, port)}
    if SESSION.json:
        print_json(built)
    say(f"{built['company']}, made up for this demo, is in {built['home']}.")
    say("Sign in as:")
    for account in built["sign_ins"]:
        role = account["role"].replace("_", " ")
        say(f"  {role:<14} {account['username']:<14} {account['password']:<15} {account['sees']}")
    if no_serve:
        say(f"`bursar serve --home {built['home']}` shows it.")
        return
    say(f"Bursar serves on {built['address']}  (Ctrl-C stops it)")
    run_server(host, port)
