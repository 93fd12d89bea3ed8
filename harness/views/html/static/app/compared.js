// This run beside a baseline: what got better, worse, or stayed unclear.
import {html} from "./html.js";
import {Section} from "./chart.js";
import {count, percent, words} from "./format.js";
import {href} from "./route.js";

const SIGNS = {better: "▲", worse: "▼", unclear: "?", same: "="};
const MOST = 40;

export function Compared({compared}) {
  const {groups, cells, equal} = compared;
  const apart = Object.keys(compared.not_comparable).length;
  const rest = [
    [equal, "without any difference"],
    [apart, "not comparable: their definitions changed"],
    [compared.missing.length, "missing now"],
    [compared.added.length, "new"],
  ];
  return html`<${Section} id="compared" title="Beside the baseline" finding=${told(groups)}
    note=${`Bars: ${Math.round((1 - compared.alpha) * 100)} % intervals of the difference, tasks as clusters. Cells: ${rest
      .filter(([n]) => n)
      .map(([n, what]) => `${n} ${what}`)
      .join("; ")}.`}>
    <div class="scroll" tabindex="0" role="region" aria-label="table of groups"><table class="gap compared">
      <thead><tr><th scope="col">change</th><th scope="col">what</th><th scope="col" class="num">before</th>
      <th scope="col" class="num">now</th><th scope="col">points</th><th scope="col" class="num">cells</th>
      </tr></thead>
      <tbody>${groups.map(
        (row) => html`<tr class=${`change ${row.change}`}><th scope="row">
          <i aria-hidden="true">${SIGNS[row.change]}</i> ${row.change}</th><td>${words(row.group)}</td>
          <td class="num">${percent(row.old)}</td><td class="num">${percent(row.new)}</td>
        <td><${Difference} row=${row} /></td><td class="num">${row.cells} <span class="quiet">in ${count(row.tasks, "task")}</span></td></tr>`,
      )}</tbody></table></div>
    ${
      cells.length > 0 &&
      html`<div class="scroll" tabindex="0" role="region" aria-label="cells that differ">
        <table class="gap compared"><thead><tr><th scope="col">change</th><th scope="col">task</th>
        <th scope="col">fault</th><th scope="col">agent</th><th scope="col" class="num">before</th>
        <th scope="col" class="num">now</th><th scope="col">look at</th></tr></thead>
      <tbody>${cells.slice(0, MOST).map(
        (row) => html`<tr class=${`change ${row.change}`}><th scope="row">
          <i aria-hidden="true">${SIGNS[row.change]}</i> ${row.change}</th><td>${row.task}</td>
          <td>${row.fault}</td><td>${row.agent}</td>
        <td class="num">${row.old.join("/")}</td><td class="num">${row.new.join("/")}</td>
          <td>${row.look.slice(0, 6).map(
            (trial) => html`<a class="look"
          href=${href("trial", trial)}>${trial.split("+").at(-1)}</a> `,
          )}</td></tr>`,
      )}</tbody></table></div>`
    }<//>`;
}

function told(groups) {
  const all = groups.find((row) => row.group === "all faults");
  if (!all) return "No cell can be compared.";
  const change = {
    better: "better",
    worse: "worse",
    unclear: "not clearly different",
    same: "the same",
  }[all.change];
  return `Over all faults ${change}: ${percent(all.old)} mastered before, ${percent(all.new)} now.`;
}

// The difference in points with its interval, on a line from -100 to 100.
function Difference({row}) {
  const x = (share) => 80 + share * 74;
  const points = (share) => `${share > 0 ? "+" : ""}${Math.round(share * 100)}`;
  return html`<svg class="difference" width="160" height="18" role="img"
    aria-label=${`${points(row.new - row.old)} points, ${points(row.low)} to ${points(row.high)}`}>
    <line x1=${x(-1)} x2=${x(1)} y1="9" y2="9" class="rail" /><line x1=${x(0)} x2=${x(0)} y1="2" y2="16" class="zero" />
    <line x1=${x(row.low)} x2=${x(row.high)} y1="9" y2="9" class="reach" />
      <circle cx=${x(row.new - row.old)} cy="9" r="4" /></svg> ${points(row.new - row.old)}`;
}
