"""The commands, each in a module of its own that is imported when it is called."""

from cyclopts import App

from harness import __version__

app = App(
    name="harness",
    version=__version__,
    help="A crash-test rig for coding agents: break a running agent for real, and say whether it"
    " recovered.",
    suppress_keyboard_interrupt=False,  # an interrupt gets its exit code at our own door
)

COMMANDS = {
    "doctor": "harness.commands.doctor:doctor",
    "images": "harness.commands.images:app",
    "list": "harness.commands.list:list_",
    "new": "harness.commands.new:new",
    "lint": "harness.commands.lint:lint",
    "validate": "harness.commands.validate:validate",
    "plan": "harness.commands.plan:plan_",
    "run": "harness.commands.run:run",
    "play": "harness.commands.play:play",
    "show": "harness.commands.show:show",
    "blame": "harness.commands.blame:blame",
    "judge": "harness.commands.judge:judge_",
    "compare": "harness.commands.compare:compare",
    "baseline": "harness.commands.baseline:baseline",
    "gate": "harness.commands.gate:gate",
    "errors": "harness.commands.errors:errors",
    "export": "harness.commands.export:export",
    "import": "harness.commands.import_:import_",
    "mcp": "harness.commands.mcp:mcp",
    "report": "harness.commands.report:report",
    "view": "harness.commands.view:view",
    "clean": "harness.commands.clean:clean",
}
"""Verb -> where its function lives."""

for _name, _where in COMMANDS.items():
    app.command(_where, name=_name)
