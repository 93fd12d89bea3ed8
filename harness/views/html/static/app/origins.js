// Where failures come from: in which step the trials that were not solved went wrong.
import {html} from "./html.js";
import {Section, depth} from "./chart.js";
import {grouped} from "./model.js";
import {count} from "./format.js";
import {adjust, changed, href} from "./route.js";

const MOST_COLUMNS = 40;
const BY = [
  ["", "tasks", (o) => o.task],
  ["agent", "agents", (o) => o.agent],
  ["both", "tasks and agents", (o) => `${o.task} · ${o.agent}`],
];

export function Origins({model, route}) {
  const {origins} = model;
  if (!origins.length) return null;
  const by = BY.find(([key]) => key === (route.query.get("rows") ?? "")) ?? BY[0];
  const last = Math.max(...origins.map((o) => o.step));
  const bin = Math.ceil(last / MOST_COLUMNS);
  const columns = Array.from({length: Math.ceil(last / bin)}, (_, i) => i);
  const rows = [...grouped(origins, by[2])].sort((a, b) => b[1].length - a[1].length).slice(0, 80);
  const most = Math.max(...rows.flatMap(([, some]) => columns.map((c) => at(some, c, bin).length)));
  return html`<${Section} id="origins" title="Where failures come from" finding=${told(origins)}
    note=${sourceTold(origins)}>
    <div class="tools no-print"><span class="switch">${BY.map(
      ([key, name]) => html`<button
      aria-pressed=${by[0] === key}
      onClick=${() => adjust(changed(route, {rows: key}))}>${name}</button>`,
    )}</span></div>
    <div class="scroll" tabindex="0" role="region" aria-label="heat map"><table class="heat"><thead><tr><th scope="col">step</th>
      ${columns.map(
        (c) => html`<th
        scope="col">${bin === 1 ? c + 1 : `${c * bin + 1}–${(c + 1) * bin}`}</th>`,
      )}<th scope="col"
        class="num">all</th></tr></thead>
      <tbody>${rows.map(
        ([name, some]) => html`<tr key=${name}><th scope="row">${name}</th>
        ${columns.map((c) => html`<${Field} some=${at(some, c, bin)} most=${most} />`)}<td class="num">${some.length}</td></tr>`,
      )}</tbody></table></div><//>`;
}

function at(origins, column, bin) {
  return origins.filter((o) => Math.floor((o.step - 1) / bin) === column);
}

function Field({some, most}) {
  if (!some.length) return html`<td class="empty"></td>`;
  const [first] = some;
  return html`<td style=${depth(some.length, most)}><a href=${href("trial", first.trial, {step: first.step})}
    title=${some
      .slice(0, 12)
      .map((o) => o.trial)
      .join(
        "\n",
      )}>${some.length}<span class="unseen"> from step ${first.step}, such as ${first.trial}</span></a></td>`;
}

function told(origins) {
  const steps = origins.map((o) => o.step).sort((a, b) => a - b);
  const middle = steps[Math.floor(steps.length / 2)];
  const whole = origins.map((o) => o.steps).sort((a, b) => a - b)[Math.floor(origins.length / 2)];
  return `${count(origins.length, "trial")} went wrong, half of them by step ${middle} of ${whole} (medians).`;
}

function sourceTold(origins) {
  const blamed = origins.filter((o) => o.by === "blamed").length;
  const rest = origins.length - blamed;
  if (!blamed)
    return "Of trials that were not solved, the step that met the fault; `harness blame` finds the first wrong step by experiment.";
  return `${count(blamed, "first wrong step")} found by experiment${rest ? `; for the other ${rest}, the step that met the fault` : ""}.`;
}
