// All trials, to sort, to filter and to search, down to what the steps said.
import {html, useEffect, useMemo, useState} from "./html.js";
import {Sign} from "./glyphs.js";
import {OUTCOMES, matchesWords} from "./model.js";
import {loadTrial} from "./data.js";
import {plainLine, wholeOf} from "./text.js";
import {count, seconds} from "./format.js";
import {adjust, changed, go, href} from "./route.js";
import {useKeys} from "./keys.js";

const PAGE = 200;
const COLUMNS = [
  ["outcome", (t) => OUTCOMES.indexOf(t.outcome)],
  ["task", (t) => t.task],
  ["fault", (t) => t.pair],
  ["agent", (t) => t.agent],
  ["claimed", (t) => t.claimed ?? ""],
  ["steps", (t) => t.steps],
  ["to notice", (t) => t.to_notice ?? Infinity],
  ["to recover", (t) => t.to_recover ?? Infinity],
  ["time", (t) => t.seconds ?? Infinity],
];
const NUMBERS = new Set(["steps", "to notice", "to recover", "time"]);

export function TrialsPage({model, route}) {
  const words = route.query.get("q") ?? "";
  const [shown, setShown] = useState(PAGE);
  const [cursor, setCursor] = useState(-1);
  const rows = useMemo(() => selected(model, route), [model, route]);
  const move = (by) => setCursor((at) => Math.max(0, Math.min(rows.length - 1, at + by)));
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    o: () => rows[cursor] && go(href("trial", rows[cursor].trial)),
    Enter: () => rows[cursor] && go(href("trial", rows[cursor].trial)),
  });
  useEffect(() => {
    document.querySelector("tr.cursor")?.scrollIntoView({block: "nearest"});
  }, [cursor]);
  return html`<main id="main" class="trials">
    <header class="page-head"><p class="crumbs"><a href=${href("overview")}>${model.run.name}</a></p>
      <h1>Trials <small>${rows.length === model.trials.length ? rows.length : `${rows.length} of ${model.trials.length}`}</small></h1></header>
    <${Filters} model=${model} route=${route} />
    <div class="scroll" tabindex="0" role="region" aria-label="table of trials"><table class="list">
      <thead><tr>${COLUMNS.map(([name]) => html`<${Heading} key=${name} name=${name} route=${route} />`)}</tr></thead>
      <tbody>${rows.slice(0, shown).map((trial, i) => html`<${Row} key=${trial.trial} trial=${trial} current=${i === cursor} />`)}</tbody></table></div>
    ${
      rows.length > shown &&
      html`<p><button
      onClick=${() => setShown(shown + 5 * PAGE)}>show more</button> <span
      class="quiet">${shown} of ${rows.length}</span></p>`
    }
    ${rows.length === 0 && html`<p class="quiet">No trial fits.</p>`}
    ${words.length > 2 && html`<${Deep} key=${words} model=${model} words=${words} />`}
  </main>`;
}

function selected(model, route) {
  const [q, outcome, agent] = ["q", "outcome", "agent"].map((key) => route.query.get(key) ?? "");
  const rows = model.trials.filter(
    (t) =>
      (!outcome || t.outcome === outcome) &&
      (!agent || t.agent === agent) &&
      (!q || matchesWords(t, model, q)),
  );
  const sort = route.query.get("sort") ?? "";
  const column = COLUMNS.find(([name]) => name === sort.replace(/^-/, ""));
  return column ? sorted(rows, column[1], sort.startsWith("-") ? -1 : 1) : rows;
}

function sorted(rows, key, way) {
  return [...rows].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x < y ? -way : x > y ? way : 0;
  });
}

function Filters({model, route}) {
  const set = (key) => (event) => adjust(changed(route, {[key]: event.target.value}));
  const options = (
    name,
    values,
  ) => html`<label class="choose">${name} <select onChange=${set(name)}>
    <option value="">all</option>${values.map((v) => html`<option value=${v} selected=${route.query.get(name) === v}>${v}</option>`)}</select></label>`;
  return html`<div class="tools filters no-print">
    <label class="choose">words <input type="search" value=${route.query.get("q") ?? ""} onInput=${set("q")} placeholder="task, fault, error type, …" /></label>
    ${options(
      "outcome",
      OUTCOMES.filter((o) => model.trials.some((t) => t.outcome === o)),
    )}
    ${options("agent", model.agentNames)}
  </div>`;
}

function Heading({name, route}) {
  const now = route.query.get("sort") ?? "";
  const way = now === name ? "ascending" : now === `-${name}` ? "descending" : "none";
  return html`<th scope="col" aria-sort=${way} class=${NUMBERS.has(name) ? "num" : ""}>
    <button onClick=${() => adjust(changed(route, {sort: now === name ? `-${name}` : name}))}>${name}<i
    aria-hidden="true">${{ascending: " ↑", descending: " ↓", none: ""}[way]}</i></button></th>`;
}

function Row({trial, current}) {
  return html`<tr class=${current ? "cursor" : ""}>
    <td class="nowrap"><a href=${href("trial", trial.trial)}>
      <${Sign} outcome=${trial.outcome} label=${false} /> <span
      class=${`outcome-word ${trial.outcome}`}>${trial.outcome}</span></a></td>
    <td>${trial.task}</td><td>${trial.pair === "noop" ? html`<span class="quiet">control trial</span>` : trial.pair}</td>
    <td class="nowrap">${trial.agent}${trial.attempt > 1 ? html` <span class="quiet">${trial.attempt}</span>` : ""}</td>
    <td class="nowrap">${trial.claimed ?? "?"}${trial.false_success && html` <span class="false-note">not solved</span>`}</td>
    <td class="num">${trial.steps}</td><td class="num">${seconds(trial.to_notice)}</td>
      <td class="num">${seconds(trial.to_recover)}</td><td class="num">${seconds(trial.seconds)}</td></tr>`;
}

// --- in the steps --------------------------------------------------------------------------

const MOST_HITS = 100;

/** @typedef {{trial: string, n: number, before: string, match: string, after: string}} Hit */

function Deep({model, words}) {
  const [found, setFound] = useState({hits: /** @type {Hit[]} */ ([]), looked: 0});
  useEffect(() => {
    let current = true;
    search(
      model.trials,
      words.toLowerCase(),
      () => current,
      (news) => current && setFound(news),
    );
    return () => {
      current = false;
    };
  }, [words, model]);
  const done = found.looked >= model.trials.length || found.hits.length >= MOST_HITS;
  return html`<section aria-labelledby="deep-head"><h2 id="deep-head">In the steps <small
    aria-live="polite">${done ? count(found.hits.length, "step") : `${found.looked} of ${model.trials.length} trials looked through`}</small>
    </h2>
    <ol class="hits">${found.hits.map(
      (
        hit,
      ) => html`<li><a href=${href("trial", hit.trial, {step: hit.n})}><span class="quiet">${hit.trial}</span> step ${hit.n}</a>
      <code>${hit.before}<mark>${hit.match}</mark>${hit.after}</code></li>`,
    )}</ol></section>`;
}

async function search(trials, words, current, report) {
  const hits = [];
  for (let i = 0; i < trials.length && hits.length < MOST_HITS; i += 8) {
    const some = trials.slice(i, i + 8);
    const pictures = await Promise.all(
      some.map((t) => loadTrial(t.trial, t.outcome).catch(() => null)),
    );
    if (!current()) return;
    for (const picture of pictures) hits.push(...hitsIn(picture, words));
    report({hits: hits.slice(0, MOST_HITS), looked: Math.min(trials.length, i + 8)});
  }
}

function hitsIn(picture, words) {
  const found = [];
  for (const step of picture?.steps ?? []) {
    for (const text of [step.command, step.message, step.stdout, step.stderr].map(wholeOf)) {
      const place = text.toLowerCase().indexOf(words);
      if (place < 0) continue;
      found.push({
        trial: picture.trial,
        n: step.n,
        before: plainLine(text.slice(Math.max(0, place - 40), place)),
        match: plainLine(text.slice(place, place + words.length)),
        after: plainLine(text.slice(place + words.length, place + words.length + 90)),
      });
      break;
    }
  }
  return found;
}
