// From meeting a fault to mastering it: how many get how far, and how long it takes.
import {html} from "./html.js";
import {Plot, Section, TONES, apart, numberAxis, shareAxis} from "./chart.js";
import {seconds} from "./format.js";
import {Figure, Whisker} from "./whisker.js";
import {href} from "./route.js";

export function Funnel({model}) {
  const rows = model.funnel.filter((row) => row.met > 0);
  if (!rows.length) return null;
  return html`<${Section} id="funnel" title="From fault to recovery" finding=${funnelTold(rows)}
    note="Of the valid trials that met the fault. Noticed is a lower bound: words and commands that show understanding.">
    <div class="scroll" tabindex="0" role="region" aria-label="table of agents and faults"><table class="funnel"><thead><tr><th scope="col">agent</th>
      <th scope="col">met, noticed, mastered</th><th scope="col" class="num">met</th>
        <th scope="col" class="num" colspan="2">noticed</th>
        <th scope="col" class="num" colspan="2">mastered</th>
      <th scope="col" class="num">solved without the fault,<br/>not with it</th></tr></thead>
      <tbody>${rows.map(
        (
          row,
        ) => html`<tr key=${row.agent}><th scope="row"><a href=${href("trials", "", {agent: row.agent})}>${row.agent}</a></th>
        <td><${FunnelBar} row=${row} most=${Math.max(...rows.map((r) => r.met))} /></td><td class="num">${row.met}</td>
        <td class="num"><${Figure} rate=${row.noticed} /></td><td><${Whisker} rate=${row.noticed} width=${80} /></td>
        <td class="num"><${Figure} rate=${row.mastered} /></td><td><${Whisker} rate=${row.mastered} width=${80} /></td>
        <td class="num"><${Figure} rate=${row.lost} /></td></tr>`,
      )}</tbody></table></div><//>`;
}

function FunnelBar({row, most}) {
  const width = (n) => (220 * n) / most;
  return html`<svg class="funnel-bar" width="224" height="20" aria-hidden="true"><rect x="1" y="1" width=${width(row.met)} height="18" rx="2" class="met" />
    <rect x="1" y="4" width=${width(row.noticed.hits)} height="12" rx="2" class="noticed-part" />
      <rect x="1" y="7" width=${width(row.mastered.hits)} height="6" rx="2" class="mastered-part" /></svg>`;
}

function funnelTold(rows) {
  const sum = (pick) => rows.reduce((n, row) => n + pick(row), 0);
  return `Of ${sum((r) => r.met)} faults met, ${sum((r) => r.noticed.hits)} were noticed and ${sum((r) => r.mastered.hits)} mastered.`;
}

// --- time to recover -----------------------------------------------------------------------

const FEW = 4;

export function Survival({model}) {
  const rows = model.survival.filter((row) => row.trials > 0);
  if (!rows.length) return null;
  const groups = together(rows);
  const longest = Math.max(...rows.map((row) => row.longest), 0.1);
  const quick = rows.flatMap((row) => row.curve.map(([t]) => t)).sort((a, b) => a - b);
  const log = quick.length > 0 && longest > 12 * quick[Math.floor(quick.length / 2)];
  const x = numberAxis(
    `seconds since the agent met the fault${log ? " (logarithmic)" : ""}`,
    longest,
    {log, least: 0.1},
  );
  return html`<${Section} id="survival" title="Time to recover" finding=${medianTold(rows)}
    note="Share of trials that still wait to recover (Kaplan–Meier). A tick is a trial that ended without recovery: it says only that recovery would have taken longer. Faint: fewer than four trials still wait.">
    <${Plot} label="Survival curves of the time to recover, by agent" x=${x} y=${shareAxis("not yet recovered")} right=${170} height=${320}
      draw=${(place) => html`<${Curves} groups=${groups} place=${place} />`} />
    <div class="unseen"><table><caption>Time to recover</caption><thead><tr><th scope="col">agent</th>
      <th scope="col">recovered</th><th scope="col">median</th></tr></thead>
      <tbody>${rows.map(
        (r) => html`<tr><th scope="row">${r.agent}</th><td>${r.recovered} of ${r.trials}</td>
        <td>${r.median == null ? "not reached" : seconds(r.median)}</td></tr>`,
      )}</tbody></table></div><//>`;
}

// Agents whose curves are the same flat line are one line with several names.
function together(rows) {
  const flat = rows.filter((row) => row.curve.length === 0);
  const others = rows
    .filter((row) => row.curve.length > 0)
    .map((row) => ({...row, name: row.agent}));
  if (!flat.length) return others;
  const longest = Math.max(...flat.map((row) => row.longest));
  const name =
    flat.length > 2
      ? `${flat.length} agents: never`
      : `${flat.map((row) => row.agent).join(", ")}: never`;
  return [
    ...others,
    {
      name,
      curve: [],
      longest,
      censored: flat.flatMap((row) => row.censored),
      all: flat.map((r) => r.agent).join(", "),
    },
  ];
}

function Curves({groups, place}) {
  const ends = groups.map((row) => place.y(row.curve.at(-1)?.[1] ?? 1));
  const labels = apart(ends, 15, {low: 0, high: place.height});
  return groups.map((row, i) => {
    const end = place.x(row.longest);
    return html`<g class=${`curve ${TONES[i % TONES.length]}`}><title>${row.all ?? row.name}</title>
      <path d=${stairs(row, place)} /><path d=${faint(row, place)} class="few" />
      ${row.censored.map(
        (t) => html`<line x1=${place.x(t)} x2=${place.x(t)} y1=${place.y(level(row, t)) - 4}
        y2=${place.y(level(row, t)) + 4} class="tick" />`,
      )}
      <path d=${`M${end + 2} ${ends[i]}L${place.width + 6} ${labels[i]}`} class="leader" />
      <text x=${place.width + 10} y=${labels[i] + 4}>${row.name}</text></g>`;
  });
}

function stairs(row, place) {
  const sure = row.curve.filter(([, , waiting]) => waiting >= FEW);
  let path = `M0 ${place.y(1)}`;
  for (const [t, share] of sure) path += `H${place.x(t)}V${place.y(share)}`;
  return `${path}H${place.x(row.curve[sure.length]?.[0] ?? row.longest)}`;
}

// Where few trials still wait, each weighs much: that part of the curve is drawn faintly.
function faint(row, place) {
  const from = row.curve.findIndex(([, , waiting]) => waiting < FEW);
  if (from < 0) return "";
  let path = `M${place.x(row.curve[from][0])} ${place.y(row.curve[from - 1]?.[1] ?? 1)}`;
  for (const [t, share] of row.curve.slice(from)) path += `H${place.x(t)}V${place.y(share)}`;
  return `${path}H${place.x(row.longest)}`;
}

function level(row, t) {
  return row.curve.filter(([at]) => at <= t).at(-1)?.[1] ?? 1;
}

function medianTold(rows) {
  const half = rows
    .filter((row) => row.median != null && 2 * row.recovered >= row.trials)
    .sort((a, b) => a.median - b.median);
  if (!half.length) return "No agent recovered from half of the faults it met.";
  const others = rows.length - half.length;
  return `${half[0].agent} has recovered from half of them after ${seconds(half[0].median)}${others ? `; ${others} of ${rows.length} agents do not recover from half of them at all` : ""}.`;
}
