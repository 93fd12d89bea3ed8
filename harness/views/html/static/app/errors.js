// The errors on the way, injected or not: how often, how well mastered, how deadly.
import {html} from "./html.js";
import {Plot, Section, depth, named, numberAxis, shareAxis} from "./chart.js";
import {Whisker} from "./whisker.js";
import {interval, percent, words} from "./format.js";
import {plainLine} from "./text.js";
import {href} from "./route.js";

// --- 1: recovery sets passed trials apart from failed ones ---------------------------------

export function Gap({insights}) {
  const {solved, unsolved} = insights;
  return html`<${Section} id="gap" title="Recovery in solved and unsolved trials" finding=${gapTold(insights)}
    note="Errors of all kinds, injected or not, as the classifier finds them in commands, exit codes and outputs; one error counts once, however often it was run into.">
    <div class="scroll" tabindex="0" role="region" aria-label="table of solved and other trials">
      <table class="gap"><thead><tr><th scope="col">trials</th><th scope="col" class="num">number</th>
      <th scope="col" class="num">errors</th><th scope="col" class="num">per trial</th>
      <th scope="col" colspan="2">recovered from</th></tr></thead>
      <tbody>${[
        ["solved", solved],
        ["not solved", unsolved],
      ].map(
        ([
          name,
          row,
        ]) => html`<tr><th scope="row">${name}</th><td class="num">${row.trials}</td><td class="num">${row.errors}</td>
        <td class="num">${row.errors_per_trial == null ? "–" : row.errors_per_trial.toFixed(2)}</td><td>
          <${Whisker} rate=${row.recovery} width=${240} tone=${name === "not solved" ? "tone-bad" : ""} />
          </td>
        <td class="num">${percent(row.recovery.share)} <span class="quiet">${interval(row.recovery)}</span></td></tr>`,
      )}</tbody></table></div><//>`;
}

function gapTold({solved, unsolved, gap}) {
  if (gap == null) return "There are no errors in trials of both kinds, so no gap can be measured.";
  return `Solved trials recovered from ${percent(solved.recovery.share)} of their errors, the others from ${percent(unsolved.recovery.share)}: a gap of ${gap.toFixed(1)} points.`;
}

// --- 2: profiles ---------------------------------------------------------------------------

const ARCHETYPES = new Map([
  ["steady", "few errors, overcome"],
  ["persistent", "many errors, overcome"],
  ["brittle", "few errors, not overcome"],
  ["overwhelmed", "many errors, not overcome"],
]);

export function Profiles({profiles}) {
  const rows = profiles.map((row) => ({
    ...row,
    name: row.model ? `${row.agent}: ${row.model}` : (row.agent ?? "?"),
  }));
  const drawn = rows
    .filter((row) => row.recovery.share != null)
    .map((row) => ({...row, x: row.errors_per_trial}));
  if (!drawn.length) return null;
  const most = Math.max(...drawn.map((row) => row.x), 1);
  return html`<${Section} id="profiles" title="Profiles of agents"
    note="Up: more errors recovered from. Right: more errors met. The larger the dot, the larger the share of its errors that were fatal. Bars: 95 % intervals.">
    <div class="beside"><${Plot} label="Errors per trial and recovery rate of each agent"
      x=${numberAxis("errors per trial", most)} y=${shareAxis("recovered from")} height=${360} most=${640}
      right=${120}
      draw=${(place) => html`<${Dots} rows=${drawn} place=${place} />`} />
    <div class="scroll" tabindex="0" role="region" aria-label="table of profiles"><table class="gap"><thead>
      <tr><th scope="col">agent</th><th scope="col" class="num">errors<br/>per trial</th>
      <th scope="col" class="num">recovered<br/>from</th><th scope="col" class="num">fatal</th>
      <th scope="col">archetype</th></tr></thead>
      <tbody>${rows.map(
        (
          row,
        ) => html`<tr><th scope="row">${row.name}</th><td class="num">${row.errors_per_trial.toFixed(2)}</td><td class="num">${percent(row.recovery.share)}</td>
        <td class="num">${percent(row.fatal.share)}</td><td title=${ARCHETYPES.get(row.archetype)}>${row.archetype ?? "–"}</td></tr>`,
      )}</tbody></table></div></div><//>`;
}

function Dots({rows, place}) {
  const dots = rows.map((row) => ({
    ...row,
    row,
    x: place.x(row.x),
    y: place.y(row.recovery.share),
    radius: 4 + 10 * Math.sqrt(row.fatal?.share ?? 0),
  }));
  const names = named(dots, place);
  return html`${dots.map(
    ({
      row,
      x,
      y,
      radius,
    }) => html`<g class="dot"><title>${`${row.name}: ${percent(row.recovery.share)} of ${row.recovery.trials}, fatal ${percent(row.fatal?.share)}`}</title>
      <line x1=${x} x2=${x} y1=${place.y(row.recovery.low)} y2=${place.y(row.recovery.high)} /><circle cx=${x} cy=${y} r=${radius} /></g>`,
  )}
    ${names.map((name, i) => html`<text class="dot-name" x=${name.x} y=${name.y} text-anchor=${name.anchor}>${dots[i].name}</text>`)}`;
}

// --- 3: categories -------------------------------------------------------------------------

export function Categories({categories}) {
  const rows = categories
    .filter((row) => row.recovery.share != null)
    .map((row) => ({...row, x: row.errors}));
  if (!rows.length) return null;
  return html`<${Section} id="categories" title="Categories: how common, how deadly"
    finding=${landscapeTold(rows)}
    note="The larger the dot, the larger the share of the category's errors that were fatal. Bars: 95 % intervals.">
    <${Plot} label="Frequency and recovery rate of each category of errors"
      x=${numberAxis("errors (logarithmic)", Math.max(...rows.map((r) => r.x), 2), {log: true})}
      y=${shareAxis("recovered from")} height=${400} right=${180}
      draw=${(place) => html`<${Dots} rows=${rows} place=${place} />`} />
    <div class="unseen"><table><caption>Categories</caption><thead><tr><th scope="col">category</th>
      <th scope="col">errors</th><th scope="col">recovered</th><th scope="col">fatal</th></tr></thead>
      <tbody>${rows.map(
        (r) => html`<tr><th scope="row">${r.name}</th><td>${r.errors}</td>
        <td>${percent(r.recovery.share)}</td><td>${percent(r.fatal?.share)}</td></tr>`,
      )}</tbody></table></div>
        <//>`;
}

function landscapeTold(rows) {
  const common = rows.reduce((a, b) => (b.errors > a.errors ? b : a));
  const hard = rows.reduce((a, b) => (b.recovery.share < a.recovery.share ? b : a));
  const all = rows.reduce((n, row) => n + row.errors, 0);
  return `${common.name}: ${percent(common.errors / all)} of all errors, ${percent(common.recovery.share)} recovered from; hardest: ${hard.name}, ${percent(hard.recovery.share)} of ${hard.recovery.trials}.`;
}

// --- 4 and 5: types ------------------------------------------------------------------------

const MOST_TYPES = 8;

export function Types({types}) {
  const half = Math.min(MOST_TYPES, Math.ceil(types.length / 2));
  return html`<${TypeList} id="least" title="Least recoverable errors" rows=${types.slice(0, half)} told=${exampleTold} />
    <${TypeList} id="most" title="Most recoverable errors" rows=${types.slice(half).reverse().slice(0, MOST_TYPES)} told=${fixTold} />`;
}

function TypeList({id, title, rows, told}) {
  if (!rows.length) return null;
  return html`<${Section} id=${id} title=${title}><div class="scroll" tabindex="0" role="region" aria-label=${`${title}, table`}><table class="types">
    <thead><tr><th scope="col">error type</th><th scope="col" colspan="2">recovered from</th>
      <th scope="col">example${told === fixTold ? ", and the fix that worked" : ""}</th></tr></thead>
    <tbody>${rows.map(
      (
        row,
      ) => html`<tr key=${row.error_type}><th scope="row">${words(row.error_type)}<span class="hint">${words(row.category)}</span></th>
      <td><${Whisker} rate=${row.recovery} width=${120} /></td><td class="num">${row.recovery.hits}/${row.recovery.trials}</td><td>${told(row)}</td></tr>`,
    )}</tbody></table></div><//>`;
}

function exampleTold(row) {
  return html`${row.example && html`<code class="example">${plainLine(row.example, 200)}</code>`} <a
    href=${href("trial", row.trajectory, {step: row.step})}>step ${row.step} of ${row.trajectory}</a>`;
}

function fixTold(row) {
  const [fix] = row.fixes;
  return html`${exampleTold(row)}${
    fix &&
    html`<span
    class="fix">${fix.kind} (${fix.times} of ${row.recovery.hits})${fix.example && html`: <code>${plainLine(fix.example, 200)}</code>`}</span>`
  }`;
}

// --- 6: the hardest tasks ------------------------------------------------------------------

export function HardTasks({tasks, errors}) {
  const rows = tasks.slice(0, 20);
  const met = new Map(errors.map((each) => [`${each.task}\n${each.agent}`, each.errors]));
  const agents = [...new Set(errors.map((each) => each.agent))].sort();
  const most = Math.max(...errors.map((each) => each.errors), 1);
  const [first] = rows;
  return html`<${Section} id="hard" title="Hardest tasks"
    finding=${`${first.task}: ${first.errors} errors in ${first.trials} trials, for ${first.agents_with_errors} of ${first.agents} agents.`}>
    <div class="scroll" tabindex="0" role="region" aria-label="heat map of tasks"><table class="heat"><thead>
      <tr><th scope="col">task</th>${agents.map((a) => html`<th scope="col">${a}</th>`)}
      <th scope="col" class="num">errors</th><th scope="col" class="num">per trial</th><th scope="col" class="num">solved</th></tr></thead>
      <tbody>${rows.map(
        (
          row,
        ) => html`<tr key=${row.task}><th scope="row"><a href=${href("trials", "", {q: row.task})}>${row.task}</a></th>
        ${agents.map((a) => html`<${Heat} value=${met.get(`${row.task}\n${a}`) ?? 0} most=${most} />`)}<td
          class="num">${row.errors}</td><td class="num">${row.errors_per_trial.toFixed(2)}</td>
        <td class="num">${row.solved.hits}/${row.solved.trials}</td></tr>`,
      )}</tbody></table></div><//>`;
}

function Heat({value, most}) {
  if (!value) return html`<td class="empty"></td>`;
  return html`<td style=${depth(value, most)}>${value}</td>`;
}
