"""The pages in a real Chromium: numbers, pictures, keys, links, and hostile content.

Needs Debian's chromium and axe-core; `scripts/browser` brings both.  Nothing here skips.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import expect, sync_playwright

from harness.__main__ import main
from harness.attribution.document import Blame, write
from harness.attribution.search import read
from harness.history.store import Run
from harness.views.html import files
from harness.views.html.gather import Gathered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    Open = Callable[..., Page]

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / ".cache" / "axe.min.js"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOCK = quote("task-0+lock", safe="")
SKILLED = quote("task-0+lock+skilled+1", safe="")
HOSTILE = (
    "</script><script>window.owned=1</script><img src=x onerror=window.owned=1>\n",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2J \x9b31m \x00\x7f\n",
    "\u202e evil \u2066 hidden \u2029 \udcff\udc80 \U000e0041\n",
    "x" * 10_000_000,
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return one Chromium for all tests."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "there is no chromium: run scripts/browser"
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Return what opens an address and fails on any error, message or request of the page's."""
    troubles: list[str] = []
    contexts = []

    def opened(address: str, **wishes: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **wishes})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("request", lambda request: troubles.extend(foreign(request.url, address)))
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def foreign(asked: str, address: str) -> list[str]:
    """Return the address that was asked for, if it is not the page's own."""
    own = address.partition("#")[0]
    return [] if asked.startswith(("data:", "blob:")) or asked.partition("#")[0] == own else [asked]


@pytest.fixture(scope="module")
def file(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of the small run's file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(files.report(Gathered(planted)), encoding="utf-8")
    return path.as_uri()


def texts(page: Page, selector: str) -> list[str]:
    """Return the texts of all elements that fit, blanks joined."""
    return [" ".join(text.split()) for text in page.locator(selector).all_text_contents()]


# --- numbers -------------------------------------------------------------------------------


def test_the_numbers_are_those_of_show(
    visit: Open, file: str, planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the first page says of each agent is what `harness show --json` prints."""
    assert main(["show", str(planted), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    page = visit(file)
    rows = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in page.locator("table.agents tbody tr").all()
    }
    assert list(rows) == [agent["agent"] for agent in shown["agents"]]
    for agent in shown["agents"]:
        cells = [" ".join(cell.split()) for cell in rows[agent["agent"]]]
        recovery, reporting, control = (agent[k] for k in ("recovery", "reporting", "control"))
        assert cells[0] == f"{recovery['hits']}/{recovery['trials']}"
        assert [int(n) for n in re.findall(r"\d+", cells[2])] == [
            round(100 * recovery[key]) for key in ("share", "low", "high")
        ]
        assert cells[3] == f"{reporting['hits']}/{reporting['trials']}"
        assert cells[4] == f"{control['hits']}/{control['trials']}"
        assert cells[5] == str(agent["false_successes"])
        assert cells[6] == str(agent["outcomes"].get("harmful", 0))
    counts: dict[str, int] = {}
    for trial in shown["trials"]:
        counts[trial["outcome"]] = counts.get(trial["outcome"], 0) + 1
    legend = dict(text.rsplit(" ", 1) for text in texts(page, ".legend li"))
    assert {name: int(n) for name, n in legend.items()} == counts


def test_a_trial_s_facts_are_those_of_show(
    visit: Open, file: str, planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every fact at the head of a trial's page is its verdict's."""
    assert main(["show", str(planted), "task-0+lock+skilled+1", "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out)["verdict"]
    page = visit(f"{file}#/trial/{SKILLED}")
    page.wait_for_selector(".lane svg")
    facts = dict(zip(texts(page, ".fact dt"), texts(page, ".fact dd"), strict=True))
    words = {True: "yes", False: "no", None: "unknown"}
    for name in ("solved", "harmed", "exposed", "noticed", "repaired", "false_success"):
        assert facts[name.replace("_", " ")] == words[verdict[name]]
    assert facts["claimed"] == verdict["claimed"]
    assert facts["steps"] == str(verdict["steps"])
    assert facts["time"] == f"{verdict['seconds']:.2f} s"
    noticed = verdict["noticed_at"] - verdict["exposed_at"]
    assert facts["to notice"] == f"{noticed:.2f} s"
    assert page.locator("h1").inner_text().split() == ["skilled", verdict["outcome"]]


def test_every_cell_leads_to_its_pair(visit: Open, file: str) -> None:
    """A cell names its outcomes and k of n, and leads to the lanes of its pair."""
    page = visit(file)
    page.get_by_role("link", name="task-0, lock, skilled: 2 recovered; 2/2").click()
    page.wait_for_selector(".lane-list .small-lane")
    assert page.url.endswith(f"#/pair/{LOCK}?agent=skilled")
    assert texts(page, ".lane-list:not(.controls) .who b") == ["skilled", "skilled"]
    assert texts(page, ".lane-list.controls .who b") == ["skilled", "skilled"]


@pytest.mark.parametrize(
    ("filter_", "kept"),
    [
        pytest.param("", ["control trial", "lock", "gone"] * 2, id="all"),
        pytest.param("control", ["lock", "gone"] * 2, id="differs from the control trial"),
        pytest.param("agents", ["lock", "gone"] * 2, id="differs between agents"),
    ],
)
def test_the_filters_of_the_grid(visit: Open, file: str, filter_: str, kept: list[str]) -> None:
    """The filter is in the URL, and the rows that do not differ are gone."""
    page = visit(f"{file}#/?filter={filter_}")
    assert texts(page, "table.grid tbody tr:not(.task-row) th a") == kept


# --- the lane ------------------------------------------------------------------------------


SIDES: tuple[Literal["x", "y", "width", "height"], ...] = ("x", "y", "width", "height")


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    """Return where elements stand on the screen."""
    found = [each.bounding_box() for each in page.locator(selector).all()]
    return [{key: float(box[key]) for key in SIDES} for box in found if box is not None]


@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
@pytest.mark.parametrize("axis", ["", "even"], ids=["short steps widened", "true time"])
def test_the_lane(visit: Open, file: str, width: int, axis: str) -> None:
    """Steps stand in order without overlap; the fault above them, each label readable."""
    address = f"{file}#/trial/{SKILLED}?axis={axis}"
    page = visit(address, viewport={"width": width, "height": 900})
    page.wait_for_selector(".lane svg .step")
    steps = boxes(page, ".lane .step > rect:first-of-type")
    assert len(steps) == 7
    for left, right in itertools.pairwise(steps):
        assert left["x"] + left["width"] <= right["x"] + 1
    assert all(box["width"] >= (4 if axis else 27) for box in steps)
    (force,) = boxes(page, ".lane .in-force")
    assert force["y"] + force["height"] < steps[0]["y"]
    assert (
        steps[2]["x"] < force["x"] < force["x"] + force["width"] < steps[6]["x"] + steps[6]["width"]
    )
    labels = boxes(page, ".lane .moment-label text")
    assert texts(page, ".lane .moment-label .what") == [
        "injected",
        "exposed",
        "noticed",
        "repaired",
    ]
    for i, one in enumerate(labels):
        assert not any(overlap(one, other) for other in labels[i + 1 :])
    assert page.locator(".lane .reaction.repaired").count() == 1
    assert page.locator(".lane .control-trial rect").count() == 6


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    """Say whether two boxes cover each other by more than a pixel."""
    apart = (
        one["x"] + one["width"] <= other["x"] + 1
        or other["x"] + other["width"] <= one["x"] + 1
        or one["y"] + one["height"] <= other["y"] + 3
        or other["y"] + other["height"] <= one["y"] + 3
    )
    return not apart


def test_the_blamed_step_is_marked(
    visit: Open, plant: Callable[..., Path], trial: Callable[..., Any], tmp_path: Path
) -> None:
    """The first wrong step has a flag in the lane and a word in the list."""
    run = plant(tmp_path / "run", [trial(agent="careless")])
    (folder,) = Run.open(run).folders()
    ways = {"oracle": read({0: True, 1: True, 2: False}, 6, scanned=False)}
    write(
        folder.path,
        Blame(
            trial=folder.trial, seed=1, steps=6, step=2, reason="nothing passes after it",
            exposed=4, no_return=2, between=None, value_drop=None, necessity=None, ways=ways,
            probes=(), fidelity=1.0, seconds=3.0,
        ),
    )  # fmt: skip
    file = tmp_path / "report.html"
    file.write_text(files.report(Gathered(run)), encoding="utf-8")
    page = visit(f"{file.as_uri()}#/trial/{quote(folder.trial, safe='')}")
    page.wait_for_selector(".lane .step.blamed .blame-flag")
    assert "first wrong step" in page.locator("#step-2 .badges").inner_text()
    assert "2 of 6: nothing passes after it" in page.locator(".blame .spec").inner_text()
    assert page.locator(".blame .strip .passes").count() == 2
    assert page.locator(".blame .strip .fails").count() == 1


@pytest.mark.parametrize("place", ["", "#/insights", "#/trials"])
@pytest.mark.parametrize("begun", [0, 1], ids=["empty", "begun"])
def test_a_run_without_a_finished_trial(
    visit: Open, plant: Callable[..., Path], trial: Callable[..., Any], tmp_path: Path,
    begun: int, place: str,
) -> None:  # fmt: skip
    """A run that has just begun has its pages, too."""
    run = plant(tmp_path / "run", [trial(finished=False)] * begun)
    file = tmp_path / "report.html"
    file.write_text(files.report(Gathered(run)), encoding="utf-8")
    assert visit(f"{file.as_uri()}{place}").locator("main").count() == 1


def test_the_same_time_is_at_the_same_place(visit: Open, file: str) -> None:
    """On the axis of true time, widths are proportional to seconds."""
    page = visit(f"{file}#/trial/{SKILLED}?axis=even")
    page.wait_for_selector(".lane svg .step")
    widths = [box["width"] for box in boxes(page, ".lane .step > rect:first-of-type")]
    assert max(widths) - min(widths) < 2


# --- getting around ------------------------------------------------------------------------


def test_a_link_leads_to_a_step(visit: Open, file: str) -> None:
    """Trial and step are in the URL: the step is open and in view."""
    page = visit(f"{file}#/trial/{SKILLED}?step=4")
    page.wait_for_selector("#step-4 .opened")
    assert "index.lock': File exists" in page.locator("#step-4 pre.stderr").inner_text()
    assert page.locator("#step-4").bounding_box()["y"] < 900  # type: ignore[index]
    assert page.locator(".lane .step.selected").count() == 1
    page.get_by_text("true time").click()
    assert page.url.endswith("?step=4&axis=even")


def test_the_keyboard_suffices(visit: Open, file: str) -> None:
    """From the search to a trial, through its steps, to its control, up to the pair, and home."""
    page = visit(file)
    page.keyboard.press("/")
    page.keyboard.type("git_index skilled")
    page.wait_for_selector("table.list")
    assert texts(page, "table.list tbody td:nth-child(3)") == ["lock"] * 4
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".steps")
    assert page.url.endswith(f"#/trial/{SKILLED}")
    for key in "jjo":
        page.keyboard.press(key)
    page.wait_for_selector("#step-2.selected")
    page.keyboard.press("t")
    page.wait_for_selector("h1 .passed")
    page.keyboard.press("u")
    page.wait_for_selector("h1:text('Control trial')")
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_selector("h1.answer")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")


def test_the_search_finds_what_steps_said(visit: Open, file: str) -> None:
    """Words in commands and outputs are found, and the hit leads to its step."""
    page = visit(f"{file}#/trials?q=ls%20-la%20.git")
    page.wait_for_selector(".hits li")
    expect(page.locator(".hits li")).to_have_count(4)
    page.locator(".hits a").first.click()
    page.wait_for_selector("#step-5.selected")


def test_what_is_not_there_is_said(visit: Open, file: str) -> None:
    """A link to nothing names what it led to; nothing breaks."""
    assert visit(f"{file}#/trial/nobody").locator("h1").inner_text() == "No such trial"
    assert visit(f"{file}#/pair/%E0%A4%A").locator("h1").inner_text() == "No such pair"
    assert visit(f"{file}#/nowhere").locator("h1.answer").count() == 1


def test_an_unfinished_trial_is_shown(visit: Open, file: str) -> None:
    """A trial that had not ended has its lane so far."""
    page = visit(f"{file}#/trial/{quote('task-0+lock+skilled+3', safe='')}")
    page.wait_for_selector(".lane svg .step")
    assert "still at work" in page.locator(".lane").inner_text()


# --- hostile content -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(
    plant: Callable[..., Path], trial: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a run whose outputs attack the page, in a folder whose name does."""
    name = "<img src=x onerror=window.owned=1>"
    return plant(tmp_path_factory.mktemp("hostile") / name, [trial(texts=HOSTILE, steps=10)])


def test_hostile_content_is_data(visit: Open, hostile: Path, tmp_path: Path) -> None:
    """Markup is text, control and direction characters are written out, long lines are cut."""
    file = tmp_path / "hostile.html"
    file.write_text(files.report(Gathered(hostile)), encoding="utf-8")
    page = visit(file.as_uri())
    assert page.locator("img").count() == 0
    page.goto(f"{file.as_uri()}#/trial/{quote('fix-slug+lock+skilled+1', safe='')}")
    page.get_by_text("open all").click()
    outputs = page.locator("pre.stdout")
    expect(outputs).to_have_count(10)
    assert HOSTILE[0].strip() in outputs.nth(0).inner_text()
    assert page.locator("pre.stdout .ink1").first.inner_text() == "red"
    controls = set(page.locator("pre.stdout .control-char").all_inner_texts())
    assert {r"\x1b", r"\x00", r"\x7f", r"\x9b", r"\u202e", r"\u2066", r"\u2029"} <= controls
    assert r"\U000e0041" in controls
    assert r"\udcff\udc80" in outputs.nth(2).inner_text(), "what is no text, its event writes out"
    shown = "".join(outputs.all_inner_texts())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert "characters left out" in outputs.nth(3).inner_text()
    assert page.evaluate("window.owned") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_policy_stops_what_slips_through(browser: Browser, file: str) -> None:
    """Even markup that got into the page could not run a script, and Chromium says why."""
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(file)
    page.wait_for_selector("html[data-ready]")
    page.evaluate(
        """() => {
            const place = document.createElement("div");
            place.innerHTML = "<a id=trap onclick='window.owned=1'>x</a>";
            const script = document.createElement("script");
            script.textContent = "window.owned=1";
            document.body.append(place, script);
            document.getElementById("trap").click();
        }"""
    )
    assert page.evaluate("window.owned") is None
    assert len([text for text in said if "Content Security Policy" in text]) == 2
    page.close()


# --- for everybody -------------------------------------------------------------------------

PLACES = {
    "overview": "#/",
    "tasks by faults": "#/?by=tasks",
    "insights": "#/insights",
    "trials": "#/trials?q=lock",
    "pair": f"#/pair/{LOCK}",
    "trial": f"#/trial/{SKILLED}?step=4",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_axe_finds_nothing_serious(visit: Open, file: str, place: str, scheme: str) -> None:
    """axe-core finds no violation of any weight, contrast included, in light and in dark."""
    assert AXE.is_file(), "there is no axe-core: run scripts/browser"
    page = visit(f"{file}{place}", color_scheme=scheme, bypass_csp=True)
    settle(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    assert [(v["id"], v["impact"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    assert len(found["passes"]) > 15


def settle(page: Page) -> None:
    """Wait until the pictures of the page are there."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("main")).not_to_contain_text("loading …")


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_it_fits_a_phone(visit: Open, file: str, place: str) -> None:
    """Nothing makes the page itself wider than a phone."""
    page = visit(f"{file}{place}", viewport={"width": 360, "height": 740}, has_touch=True)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_prints(visit: Open, file: str, tmp_path: Path) -> None:
    """Printed, a trial is without buttons and dark grounds, and fits the paper."""
    page = visit(f"{file}#/trial/{SKILLED}", color_scheme="dark")
    settle(page)
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible()
    assert not page.locator(".switch").first.is_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    page.pdf(path=tmp_path / "trial.pdf", format="A4")
    assert (tmp_path / "trial.pdf").stat().st_size > 10_000


def test_light_and_dark(visit: Open, file: str) -> None:
    """The page follows the system, and the button turns it round."""
    page = visit(file, color_scheme="dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_label("change between light and dark").click()
    assert page.evaluate(ground) != dark


# --- served, and large ---------------------------------------------------------------------


def test_the_server_s_pages_follow_a_run(
    browser: Browser, plant: Callable[..., Path], trial: Callable[..., Any],
    serving: Callable[..., Any], tmp_path: Path,
) -> None:  # fmt: skip
    """A page that is open shows a trial's end as it comes, and opens a large output on demand."""
    path = plant(tmp_path / "run", [trial(finished=False)])
    done = Run.open(plant(tmp_path / "other", [trial()])).folders()[0]
    (folder,) = Run.open(path).folders()
    name = folder.artifact(b"whole " * 200_000)
    events = (
        (done.path / "events.jsonl")
        .read_text()
        .replace('"artifacts": []', f'"artifacts": ["{name}"]')
    )
    with serving(path) as port:
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text))
        page.goto(f"http://127.0.0.1:{port}/#/trial/{quote('fix-slug+lock+skilled+1', safe='')}")
        page.wait_for_selector(".lane svg .step")
        assert "still at work" in page.locator(".lane").inner_text()
        (folder.path / "events.jsonl").write_text(events)
        (folder.path / "verdict.json").write_bytes((done.path / "verdict.json").read_bytes())
        page.wait_for_selector("h1 .recovered")
        page.get_by_text("open all").click()
        page.get_by_text("load the whole output").first.click()
        page.wait_for_selector("text=load more (262.1 kB of 1.2 MB)")
        page.goto("about:blank")
        page.close()
    assert errors == []


def test_a_large_run_opens_fast(
    visit: Open, plant: Callable[..., Path], crossed: Callable[..., Any], tmp_path: Path
) -> None:
    """2,000 trials of 40 steps: below 25 MB, and within 2 s of the browser's own time usable."""
    trials = crossed(tasks=20, attempts=9, steps=40, words=60)[:2000]
    file = tmp_path / "large.html"
    file.write_text(files.report(Gathered(plant(tmp_path / "run", trials))), encoding="utf-8")
    assert len(trials) == 2000
    assert file.stat().st_size < 25_000_000
    page = visit(file.as_uri())
    assert page.evaluate("performance.now()") < 2000
    page.get_by_text("differs from control trial").click()
    page.get_by_role("link", name="task-0, lock, skilled: 9 recovered; 9/9").click()
    page.wait_for_selector(".lane-list .small-lane")
