// The first wrong step, found by experiment: what was found, and what it rests on.
import {html} from "./html.js";
import {plainLine} from "./text.js";

const SIGNS = new Map([
  ["✓", "passes"],
  ["✗", "fails"],
  ["?", "unknown"],
  ["·", "not asked"],
]);

export function Blame({finding}) {
  if (!finding) return null;
  return html`<section class="broken blame">
    <details open><summary><h2>The first wrong step</h2> <span class="quiet">found by experiment</span></summary>
    <dl class="spec">
      ${finding.findings.map(([name, said]) => html`<div><dt>${name}</dt><dd>${plainLine(said, 400)}</dd></div>`)}
      ${finding.grounds.map(
        ([way, means, strip, lost]) => html`<div><dt>${way}</dt><dd>
        <${Strip} strip=${strip} /> ${lost}<br /><span class="quiet">${means}</span></dd></div>`,
      )}
      <div><dt>replays</dt><dd>${finding.effort}</dd></div>
    </dl></details></section>`;
}

function Strip({strip}) {
  const known = [...strip].map((sign, k) => [sign, k]).filter(([sign]) => sign !== "·");
  return html`<span class="strip" aria-hidden="true">${[...strip].map(
    (sign, k) => html`<i
    title=${`after ${k}: ${SIGNS.get(sign)}`} class=${SIGNS.get(sign)}>${sign}</i>`,
  )}</span>
    <span class="unseen">${known.map(([sign, k]) => `after ${k} ${SIGNS.get(sign)}`).join(", ")}</span>`;
}
