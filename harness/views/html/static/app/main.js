// The page: a head with its places, and what the URL's hash names.
import {html, render, useEffect, useRef, useState} from "./html.js";
import {follow, live, loadRun} from "./data.js";
import {modelled} from "./model.js";
import {adjust, changed, go, href, parsed} from "./route.js";
import {HELP, useGo, useKeys} from "./keys.js";
import {OverviewPage} from "./overview.js";
import {InsightsPage} from "./insights.js";
import {PairPage} from "./pair.js";
import {TrialPage} from "./trial.js";
import {TrialsPage} from "./trials.js";

const PAGES = {
  overview: OverviewPage,
  trials: TrialsPage,
  insights: InsightsPage,
  pair: PairPage,
  trial: TrialPage,
};
const PLACES = [
  ["overview", "Overview"],
  ["insights", "Insights"],
  ["trials", "Trials"],
];

function App({first}) {
  const [model, setModel] = useState(first);
  const [stamp, setStamp] = useState(0);
  const [lost, setLost] = useState(false);
  const route = useRoute();
  const [help, setHelp] = useState(false);
  useEffect(
    () =>
      follow(() =>
        loadRun().then(
          (page) => {
            setModel(modelled(page));
            setStamp((n) => n + 1);
            setLost(false);
          },
          () => setLost(true),
        ),
      ),
    [],
  );
  const search = useRef(/** @type {HTMLInputElement | null} */ (null));
  useGo({o: href("overview"), t: href("trials"), i: href("insights")});
  useKeys({
    "/": () => search.current?.focus(),
    "?": () => setHelp((shown) => !shown),
    d: () => nextTheme(),
    Escape: () => setHelp(false),
  });
  const Page = PAGES[route.view] ?? OverviewPage;
  return html`<a class="skip" href="#main" onClick=${skip}>to the content</a>
    <${Head} model=${model} route=${route} search=${search} showHelp=${() => setHelp(true)} lost=${lost} />
    <${Page} key=${`${route.view} ${route.id}`} model=${model} route=${route} stamp=${stamp} />
    ${help && html`<${Help} close=${() => setHelp(false)} />`}`;
}

function skip(event) {
  event.preventDefault();
  const main = document.getElementById("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}

function useRoute() {
  const [route, setRoute] = useState(parsed(location.hash));
  useEffect(() => {
    let before = route;
    const read = () => {
      const next = parsed(location.hash);
      if (next.view !== before.view || next.id !== before.id) scrollTo(0, 0);
      before = next;
      setRoute(next);
    };
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return route;
}

function Head({model, route, search, showHelp, lost}) {
  const words = route.view === "trials" ? (route.query.get("q") ?? "") : "";
  const type = (event) => {
    const q = event.target.value;
    if (route.view === "trials") adjust(changed(route, {q}));
    else if (q) go(href("trials", "", {q}));
  };
  return html`<header class="top no-print">
    <a class="brand" href=${href("overview")}><svg viewBox="0 0 34 16" width="34" height="16"
      aria-hidden="true"><rect x="0" y="9" width="7" height="6" rx="1" />
      <rect x="9" y="9" width="7" height="6" rx="1" class="hit" />
      <rect x="18" y="9" width="7" height="6" rx="1" /><rect x="27" y="9" width="7" height="6" rx="1" />
      <path d="M11.5 5.5h8" /></svg><span>${model.run.name}</span></a>
    <nav aria-label="Pages">${PLACES.map(([view, name]) => html`<a href=${href(view)} aria-current=${route.view === view ? "page" : null}>${name}</a>`)}</nav>
    <form role="search" onSubmit=${(event) => event.preventDefault()}>
      <input ref=${search} type="search" value=${words} onInput=${type} placeholder="Search  /"
      aria-label="Search trials and steps" /></form>
    ${
      live &&
      html`<span
      class=${`live ${lost ? "lost" : model.run.running ? "on" : ""}`}>${lost ? "connection lost" : model.run.running ? "live" : "finished"}</span>`
    }
    <button class="plain" onClick=${nextTheme} title="light, dark, or as the system has it (d)" aria-label="change between light and dark">◐</button>
    <button class="plain" onClick=${showHelp} title="keys (?)" aria-label="keyboard help">?</button>
  </header>`;
}

function Help({close}) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return html`<dialog ref=${dialog} class="help" onClose=${close} aria-labelledby="help-head">
    <h2 id="help-head">Keys</h2><dl>${HELP.map(([keys, what]) => html`<div><dt><kbd>${keys}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    <form method="dialog"><button>close</button></form></dialog>`;
}

// --- light and dark ------------------------------------------------------------------------

function nextTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  setTheme(now === "dark" ? "light" : "dark");
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // A page opened from disk may have no storage; then the choice lasts as long as the page.
  }
}

function storedTheme() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function page() {
  return /** @type {HTMLElement} */ (document.getElementById("page"));
}

async function start() {
  const stored = storedTheme();
  if (stored === "dark" || stored === "light") setTheme(stored);
  const model = modelled(await loadRun());
  const place = page();
  place.textContent = "";
  render(html`<${App} first=${model} />`, place);
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  const words = document.createElement("p");
  words.className = "alarm early";
  words.textContent = `This page could not be shown: ${error.message ?? error}`;
  page().append(words);
});
