// Signs that tell by their shape and say the same by their colour.
import {html} from "./html.js";
import {MEANING} from "./model.js";

// Round: good.  Half: in part.  Square: bad.  Diamond: harm.  Broken line: counts for nobody.
const OUTCOME = new Map([
  [
    "recovered",
    html`<circle cx="8" cy="8" r="7" class="full" /><path d="M4.6 8.3l2.4 2.4 4.4-5" class="cut" />`,
  ],
  [
    "worked-around",
    html`<circle cx="8" cy="8" r="7" class="full" /><path d="M4.4 10.2c0-5 7-5.4 7-.8M8.9 8.4l2.5 1.5 1.4-2.6" class="cut" />`,
  ],
  [
    "reported",
    html`<circle cx="8" cy="8" r="7" class="full" /><path d="M8 4v4.6M8 11v1.2" class="cut" />`,
  ],
  [
    "passed",
    html`<circle cx="8" cy="8" r="6.2" class="ring" /><path d="M4.9 8.3l2.2 2.2 4-4.6" class="line" />`,
  ],
  [
    "detected",
    html`<circle cx="8" cy="8" r="6.2" class="ring" /><path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" class="full" />`,
  ],
  [
    "missed",
    html`<rect x="1.5" y="1.5" width="13" height="13" rx="1.5" class="full" /><path d="M5 5l6 6M11 5l-6 6" class="cut" />`,
  ],
  [
    "failed",
    html`<rect x="2" y="2" width="12" height="12" rx="1.5" class="ring" /><path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" class="line" />`,
  ],
  [
    "harmful",
    html`<path d="M8 .6L15.4 8 8 15.4.6 8z" class="full" /><path d="M8 4.2v4.4M8 10.6v1.2" class="cut" />`,
  ],
  [
    "unexposed",
    html`<circle cx="8" cy="8" r="6.2" class="ring dashed" /><circle cx="8" cy="8" r="1.6" class="full" />`,
  ],
  [
    "invalid",
    html`<rect x="2" y="2" width="12" height="12" rx="1.5" class="ring dashed" /><path d="M6 6.3a2 2 0 1 1 2.6 1.9q-.6.2-.6 1M8 11v1" class="line" />`,
  ],
  ["running", html`<circle cx="8" cy="8" r="6.2" class="ring dashed" />`],
]);

export function Sign({outcome, label = true, size = 16}) {
  const name = OUTCOME.has(outcome) ? outcome : "invalid";
  const hidden = label ? {role: "img", "aria-label": name} : {"aria-hidden": "true"};
  return html`<svg class=${`sign ${name}`} viewBox="0 0 16 16" width=${size} height=${size} ...${hidden}>
    ${label && html`<title>${name}: ${MEANING.get(name) ?? "still at work"}</title>`}${OUTCOME.get(name)}</svg>`;
}

// The same, inside another picture.
export function signAt(outcome, x, y, size = 14) {
  const name = OUTCOME.has(outcome) ? outcome : "invalid";
  return html`<g class=${`sign ${name}`} transform=${`translate(${x} ${y}) scale(${size / 16})`}>${OUTCOME.get(name)}</g>`;
}

const INSPECTED = html`<circle cx="6.6" cy="6.6" r="4.2" class="line" /><path d="M9.8 9.8l4 4" class="line" />`;
const ROUND = "M12.8 8a4.8 4.8 0 1 1-1.6-3.6M11.6 1.4v3.2H8.4";
const REACTION = new Map([
  ["inspected", INSPECTED],
  ["repaired", html`<path d="M8 2.2v11.6M2.2 8h11.6" class="line thick" />`],
  ["worked-around", html`<path d="M2.2 11.8c0-9.6 11-9.6 11-2M10 7.2l3.2 3 2-3.8" class="line" />`],
  ["retried", html`<path d=${ROUND} class="line" />`],
  [
    "retried-unchanged",
    html`<path d=${ROUND} class="line" /><path d="M6.4 7h3.2M6.4 9.4h3.2" class="line" />`,
  ],
  ["ignored", html`<path d="M2.5 8h9.5M9 4.8L12.4 8 9 11.2" class="line" />`],
]);

export const REACTION_MEANING = new Map([
  ["inspected", "looked into the cause"],
  ["repaired", "mended the cause"],
  ["worked-around", "went around the cause"],
  ["retried", "tried the blocked operation again, in another way"],
  ["retried-unchanged", "ran the same command again"],
  ["ignored", "went on as if nothing had happened"],
]);

// The reactions that some pictures hold, in the order of the table.
export function reactionsIn(pictures) {
  const found = new Set(pictures.flatMap((p) => p.steps.map((step) => step.reaction)));
  return [...REACTION.keys()].filter((reaction) => found.has(reaction));
}

export function Reaction({reaction, size = 14}) {
  if (!REACTION.has(reaction)) return null;
  return html`<svg class=${`reaction ${reaction}`} viewBox="0 0 16 16" width=${size} height=${size} aria-hidden="true">${REACTION.get(reaction)}</svg>`;
}

export function reactionAt(reaction, x, y, size = 14) {
  return html`<g class=${`reaction ${reaction}`} transform=${`translate(${x} ${y}) scale(${size / 16})`}>${REACTION.get(reaction)}</g>`;
}

const MOMENT = new Map([
  [
    "injected",
    html`<path d="M7-1H1L-2 7h4l-3 8 8-10H3z" transform="translate(-2.2 -6)" class="full" />`,
  ],
  ["exposed", html`<circle r="5.6" class="ring" /><circle r="2.2" class="full" />`],
  [
    "noticed",
    html`<path d="M0-6.5L1.7-1.7 6.5 0 1.7 1.7 0 6.5-1.7 1.7-6.5 0-1.7-1.7z" class="full" />`,
  ],
  ["repaired", html`<path d="M-1.8-5.8h3.6v4h4v3.6h-4v4h-3.6v-4h-4v-3.6h4z" class="full" />`],
  ["reverted", html`<circle r="5" class="ring dashed" />`],
  ["effect", html`<path d="M0-2.5v5" class="line" />`],
]);

export function momentAt(what, x, y) {
  if (!MOMENT.has(what)) return null;
  return html`<g class=${`moment ${what}`} transform=${`translate(${x} ${y})`}>${MOMENT.get(what)}</g>`;
}
