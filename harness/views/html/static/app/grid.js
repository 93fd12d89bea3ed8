// The grid of outcomes: faults by agents, or tasks by faults, with k/n and intervals.
import {Fragment, html} from "./html.js";
import {Sign} from "./glyphs.js";
import {
  OUTCOMES,
  cellOf,
  differsBetweenAgents,
  differsFromControl,
  grouped,
  pairRows,
} from "./model.js";
import {Whisker} from "./whisker.js";
import {interval, percent, words} from "./format.js";
import {adjust, changed, href} from "./route.js";

const FILTERS = [
  ["", "all"],
  ["control", "differs from control trial"],
  ["agents", "differs between agents"],
];
const KEEP = {control: differsFromControl, agents: differsBetweenAgents};

export function Grid({model, route}) {
  const filter = route.query.get("filter") ?? "";
  const by = route.query.get("by") ?? "agents";
  const rows = pairRows(model);
  const kept = KEEP[filter] ? rows.filter((row) => row.pair !== "noop" && KEEP[filter](row)) : rows;
  const several = model.agentNames.length > 1;
  return html`<section aria-labelledby="grid-head">
    <div class="section-head"><h2
      id="grid-head">Every fault <small>${kept.filter((r) => r.pair !== "noop").length} of ${rows.filter((r) => r.pair !== "noop").length}</small>
      </h2>
      <div class="tools no-print">
        <span class="switch">${FILTERS.filter(([key]) => key !== "agents" || several).map(
          ([key, name]) => html`<button
          aria-pressed=${filter === key}
          onClick=${() => adjust(changed(route, {filter: key}))}>${name}</button>`,
        )}</span>
        <span class="switch"><button aria-pressed=${by === "agents"} onClick=${() => adjust(changed(route, {by: ""}))}>faults × agents</button>
          <button aria-pressed=${by === "tasks"} onClick=${() => adjust(changed(route, {by: "tasks"}))}>tasks × faults</button></span>
        ${by === "tasks" && several && html`<${Chosen} model=${model} route=${route} />`}
      </div></div>
    ${kept.length === 0 && html`<p class="quiet">Nothing differs.</p>`}
    ${
      kept.length > 0 &&
      (by === "tasks"
        ? html`<${TaskGrid} ...${{model, rows: kept, agent: route.query.get("agent") ?? ""}} />`
        : html`<${AgentGrid}
      model=${model} rows=${kept} />`)
    }
  </section>`;
}

function Chosen({model, route}) {
  return html`<label class="choose">agent <select onChange=${(e) => adjust(changed(route, {agent: e.target.value}))}>
    <option value="">all</option>
    ${model.agentNames.map((name) => html`<option value=${name} selected=${route.query.get("agent") === name}>${name}</option>`)}</select></label>`;
}

// --- faults by agents ----------------------------------------------------------------------

function AgentGrid({model, rows}) {
  const agents = model.agentNames;
  const tasks = [...grouped(rows, (row) => row.task)];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Outcomes, faults by agents"><table class="grid">
    <thead><tr><th scope="col" class="corner">task and fault</th>${agents.map((agent) => html`<th scope="col">${agent}</th>`)}
      ${agents.length > 1 && html`<th scope="col" class="sum">all</th>`}</tr></thead>
    ${tasks.map(
      ([task, pairs]) => html`<tbody key=${task}>
      <tr class="task-row"><th scope="rowgroup" colspan=${agents.length + 2}>${task} <span class="quiet">${model.tasks.get(task)?.title}</span></th></tr>
      ${pairs.map((row) => html`<${PairRow} key=${row.key} model=${model} row=${row} agents=${agents} />`)}</tbody>`,
    )}
  </table></div>`;
}

function PairRow({model, row, agents}) {
  const clean = row.pair === "noop";
  return html`<tr class=${clean ? "clean" : ""}>
    <th scope="row"><a href=${href("pair", row.key)}>${clean ? "control trial" : words(row.pair)}</a>
      ${!clean && html`<span class="hint" title=${row.title}>${row.title}</span>`}</th>
    ${agents.map((agent) => html`<td><${Cell} model=${model} row=${row} agent=${agent} /></td>`)}
    ${agents.length > 1 && html`<td class="sum"><${Sum} cell=${cellOf(model, "pair", row.key, "")} /></td>`}
  </tr>`;
}

function Cell({model, row, agent}) {
  const cell = cellOf(model, "pair", row.key, agent);
  if (!cell) return html`<span class="quiet" aria-label="not run">·</span>`;
  return html`<a class="cell" href=${href("pair", row.key, {agent})}>
    <span class="unseen">${`${row.task}, ${row.pair}, ${agent}: ${outcomesTold(cell)}; `}</span>
    <${Signs} cell=${cell} /><${Score} cell=${cell} />${cell.differs > 0 && html`<i class="differs" title="differs from its control trial"></i>`}</a>`;
}

function Score({cell}) {
  return html`<span class="score" title=${`${percent(cell.share)} (95 % interval ${interval(cell) || "unknown"})`}>
    <span class="kn">${cell.hits}/${cell.trials}</span>${cell.trials > 0 && html`<${Whisker} rate=${cell} width=${56} height=${9} />`}</span>`;
}

function Sum({cell}) {
  if (!cell) return null;
  return html`<span class="score"><span class="kn">${cell.hits}/${cell.trials}</span><${Whisker} rate=${cell} width=${70} height=${10} /></span>`;
}

function Signs({cell}) {
  const told = ordered(cell);
  const total = told.reduce((sum, [, n]) => sum + n, 0);
  if (total <= 5)
    return html`<span class="signs">${told.flatMap(([outcome, n]) =>
      Array.from(
        {length: n},
        () => html`<${Sign}
      outcome=${outcome} label=${false} />`,
      ),
    )}</span>`;
  return html`<span class="signs">${told.map(
    ([outcome, n]) => html`<span class="times" aria-hidden="true">
    <${Sign} outcome=${outcome} label=${false} />${n}</span>`,
  )}</span>`;
}

function ordered(cell) {
  return OUTCOMES.filter((o) => cell.outcomes[o]).map((o) => [o, cell.outcomes[o]]);
}

function outcomesTold(cell) {
  return ordered(cell)
    .map(([outcome, n]) => (n > 1 ? `${n} ${outcome}` : outcome))
    .join(", ");
}

// --- tasks by faults -----------------------------------------------------------------------

function TaskGrid({model, rows, agent}) {
  const faults = [
    ...grouped(
      rows.filter((r) => r.pair !== "noop"),
      (row) => row.fault,
    ).keys(),
  ].sort((a, b) => category(rows, a).localeCompare(category(rows, b)) || a.localeCompare(b));
  const tasks = [...grouped(rows, (row) => row.task)];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Outcomes, tasks by faults"><table class="grid slim">
    <thead><tr><th scope="col" class="corner">task</th><th scope="col"><span class="slanted">control trial</span></th>
      ${faults.map((fault) => html`<th scope="col"><span class="slanted">${words(fault)}</span></th>`)}</tr></thead>
    <tbody>${tasks.map(
      ([task, pairs]) => html`<tr key=${task}><th scope="row">${task}</th>
      ${["noop", ...faults].map(
        (fault) => html`<td>
        <span>${pairs
          .filter((row) => row.fault === fault)
          .map(
            (row) => html`<${SlimCell} key=${row.key}
        model=${model} row=${row} agent=${agent} />`,
          )}</span></td>`,
      )}</tr>`,
    )}</tbody>
  </table></div>`;
}

function category(rows, fault) {
  return rows.find((row) => row.fault === fault)?.category ?? "";
}

function SlimCell({model, row, agent}) {
  const cell = cellOf(model, "pair", row.key, agent);
  if (!cell) return null;
  const single = ordered(cell).length === 1;
  return html`<${Fragment}><a class="cell slim" href=${href("pair", row.key, {agent})}
    title=${`${row.pair}: ${outcomesTold(cell)}`}><span
    class="unseen">${`${row.task}, ${row.pair}: ${outcomesTold(cell)}; `}</span>
    ${single ? html`<${Sign} outcome=${ordered(cell)[0][0]} label=${false} />` : html`<${Pie} cell=${cell} />`}
    <span class="kn">${cell.hits}/${cell.trials}</span></a><//>`;
}

// How many of a cell's trials ended well: a filled share of a ring.
function Pie({cell}) {
  const share = cell.share ?? 0;
  const length = 2 * Math.PI * 6;
  return html`<svg class="pie" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <circle cx="8" cy="8" r="6" class="rail" /><circle cx="8" cy="8" r="6" class="share"
      stroke-dasharray=${`${share * length} ${length}`} transform="rotate(-90 8 8)" /></svg>`;
}
