// The picture of a trial: the fault above, the agent's steps and reactions, the control trial beneath.
import {html, useLayoutEffect, useRef, useState} from "./html.js";
import {elastic, straight, tiers, ticks} from "./scale.js";
import {REACTION_MEANING, momentAt, reactionAt, signAt} from "./glyphs.js";
import {seconds} from "./format.js";
import {waits} from "./exchanges.js";
import {headOf, plainLine} from "./text.js";

const LEFT = 84;
const RIGHT = 128;
const HEAD = 15;
const BELOW = {steps: 34, height: 34, reactions: 84, control: 128, controlHeight: 20};
const STEP = 30;
const CONTROL_STEP = 16;
const TOLD = {
  injected: "injected",
  exposed: "exposed",
  noticed: "noticed",
  repaired: "repaired",
  reverted: "reverted",
  "not confirmed": "NOT confirmed",
};

export function useWidth(least) {
  const ref = useRef(/** @type {Element | null} */ (null));
  const [width, setWidth] = useState(least);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.max(least, Math.floor(ref.current?.clientWidth ?? least)));
    measure();
    const watcher = new ResizeObserver(measure);
    if (ref.current) watcher.observe(ref.current);
    return () => watcher.disconnect();
  }, []);
  return [ref, width];
}

export function Lane({picture, trial, control, controlTrial, selected, stepHref, even}) {
  const [ref, room] = useWidth(320);
  const scale = axis(picture, control, Math.max(200, room - LEFT - RIGHT), even);
  const labels = momentLabels(picture, scale);
  const fault = picture.moments.length
    ? 26 + HEAD * Math.max(1, ...labels.map((label) => label.row + 1))
    : 0;
  const ROW = {
    fault,
    height: BELOW.height,
    controlHeight: BELOW.controlHeight,
    steps: fault + BELOW.steps,
    reactions: fault + BELOW.reactions - (picture.moments.length ? 0 : 20),
    control: fault + BELOW.control,
  };
  const bottom = control ? ROW.control + ROW.controlHeight : ROW.reactions + 22;
  const height = bottom + 44;
  const width = LEFT + scale.width + RIGHT;
  return html`<div class="lane" ref=${ref} tabindex="0" role="group" aria-label=${spoken(picture, trial)}>
    <svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="group" aria-label="the trial's lane">
      <defs><${Hatch} id="hatch" /></defs>
      <${Rows} ROW=${ROW} control=${Boolean(control)} fault=${picture.moments.length > 0} />
      <g transform=${`translate(${LEFT} 0)`}>
        <${Axis} scale=${scale} y=${bottom + 14} top=${Math.max(14, ROW.fault)} />
        <${Fault} ROW=${ROW} picture=${picture} scale=${scale} labels=${labels} />
        <${Steps} ROW=${ROW} picture=${picture} scale=${scale} selected=${selected} stepHref=${stepHref} />
        <${End} ROW=${ROW} picture=${picture} scale=${scale} outcome=${trial?.outcome} claimed=${trial?.claimed} falsely=${trial?.false_success} />
        ${control && html`<${Control} ROW=${ROW} control=${control} trial=${controlTrial} scale=${scale} />`}
      </g>
    </svg>
  </div>`;
}

function axis(picture, control, width, even) {
  const until = Math.max(lastOf(picture), control ? lastOf(control) : 0);
  if (even) return straight(until, width);
  const spans = [...spansOf(picture, STEP), ...(control ? spansOf(control, CONTROL_STEP) : [])];
  return elastic(spans, until, width);
}

export function lastOf(picture) {
  return Math.max(picture.end, ...picture.steps.map((s) => s.end ?? s.start ?? 0), 0.01);
}

export function spansOf(picture, least) {
  const end = lastOf(picture);
  return picture.steps.map((s) => ({
    start: s.start ?? 0,
    end: Math.max(s.end ?? end, (s.start ?? 0) + 1e-3),
    least,
  }));
}

export function Hatch({id}) {
  return html`<pattern id=${id} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect width="7" height="7" class="hatch-ground" /><rect width="3" height="7" class="hatch-stripe" /></pattern>`;
}

function Rows({ROW, control, fault}) {
  const label = (y, text) =>
    html`<text x=${LEFT - 14} y=${y} class="row-name" text-anchor="end">${text}</text>`;
  return html`<g aria-hidden="true">
    ${fault && label(ROW.fault + 4, "Fault")}
    ${label(ROW.steps + ROW.height / 2 + 4, "Steps")}
    ${fault && label(ROW.reactions + 4, "Reactions")}
    ${control && label(ROW.control + ROW.controlHeight / 2 + 4, "Control")}
  </g>`;
}

function Axis({scale, y, top}) {
  return html`<g class="axis" aria-hidden="true">
    <line x1="0" x2=${scale.width} y1=${y} y2=${y} />
    ${ticks(scale).map(
      (tick) => html`<g transform=${`translate(${tick.x} 0)`}>
      <line y1=${top} y2=${y + 4} class="grid-line" /><text y=${y + 18} text-anchor="middle">${tick.text}</text></g>`,
    )}
  </g>`;
}

// --- the fault -----------------------------------------------------------------------------

function Fault({ROW, picture, scale, labels}) {
  if (!picture.moments.length) return null;
  const y = ROW.fault;
  const end = scale.x(picture.end);
  const injected = picture.moments.find((m) => m.what === "injected");
  const spans = picture.intervals.map(([from, to]) => [
    scale.x(from),
    to == null ? end : scale.x(to),
  ]);
  const armed = injected ? scale.x(injected.t) : end;
  return html`<g>
    <line x1="0" x2=${armed} y1=${y} y2=${y} class="armed"><title>waits for its trigger</title></line>
    ${spans.map(
      ([from, to]) => html`<g>
      <line x1=${to} x2=${end} y1=${y} y2=${y} class="gone" />
      <rect x=${from} y=${y - 6} width=${Math.max(3, to - from)} height="12" rx="2" class="in-force" fill="url(#hatch)">
        <title>the fault is in force</title></rect></g>`,
    )}
    ${picture.moments.filter((m) => m.what === "effect").map((m) => html`<g><title>${m.text}</title>${momentAt("effect", scale.x(m.t), y + 9)}</g>`)}
    <${Moments} labels=${labels} ROW=${ROW} />
  </g>`;
}

function Moments({labels, ROW}) {
  return labels.map((label) => {
    const top = ROW.fault - 15 - label.row * HEAD;
    const down = label.step ? ROW.steps - 1 : ROW.fault;
    return html`<g class=${`moment-label ${label.what.replace(" ", "-")}`}>
      <line x1=${label.x} x2=${label.x} y1=${top - 9} y2=${down} class="leader" />
      ${momentAt(label.what, label.x, ROW.fault)}
      <text x=${label.x + 5} y=${top}><tspan class="what">${label.words}</tspan> <tspan class="more">${label.more}</tspan></text>
      <title>${label.text} at ${seconds(label.t)}${headOf(label.detail) ? `: ${plainLine(headOf(label.detail), 160)}` : ""}</title>
    </g>`;
  });
}

// What is told of the fault's life: words, place and row of each label, from left to right.
function momentLabels(picture, scale) {
  const told = picture.moments.map(named).filter((m) => m.what in TOLD);
  const labels = told.map((m) => ({
    ...m,
    x: placeOf(m, picture, scale),
    words: TOLD[m.what],
    more: when(m),
  }));
  labels.sort((a, b) => a.x - b.x);
  const rows = tiers(
    labels.map((l) => ({x: l.x, width: 22 + 6.6 * (l.words.length + l.more.length)})),
  );
  return labels.map((label, i) => ({...label, row: rows[i]}));
}

// What a step shows stands over the step; what the nemesis does, at its time.
function placeOf(moment, picture, scale) {
  const step =
    ["exposed", "noticed"].includes(moment.what) && picture.steps.find((s) => s.n === moment.step);
  if (!step) return scale.x(moment.t);
  const [start, end] = [step.start ?? 0, step.end ?? picture.end];
  const begun = picture.intervals
    .map(([from]) => from)
    .filter((from) => from > start && from < end);
  return (scale.x(Math.max(start, ...begun)) + scale.x(end)) / 2;
}

function when(moment) {
  if (moment.step) return `step ${moment.step}`;
  return moment.t < 0 ? "before the start" : seconds(moment.t);
}

function named(moment) {
  return moment.what === "confirmed" && /NOT/.test(moment.text)
    ? {...moment, what: "not confirmed"}
    : moment;
}

// --- the agent -----------------------------------------------------------------------------

function Steps({ROW, picture, scale, selected, stepHref}) {
  const y = ROW.steps;
  const end = scale.x(picture.end);
  const roomy = picture.steps.every(
    (s) =>
      scale.x(s.end ?? picture.end) - scale.x(s.start ?? 0) > LETTER * (s.reaction ?? "").length,
  );
  return html`<g>
    <line x1="0" x2=${end} y1=${y + ROW.height / 2} y2=${y + ROW.height / 2} class="thread" />
    ${waits(picture).map(
      ([from, to]) => html`<rect x=${scale.x(from)} y=${y + ROW.height / 2 - 3}
      width=${Math.max(1.5, scale.x(to) - scale.x(from))} height="6" rx="3" class="wait">
      <title>waits for its model, ${seconds(to - from)}</title></rect>`,
    )}
    ${picture.steps.map((step) => {
      const from = scale.x(step.start ?? 0);
      const to = step.end == null ? end : scale.x(step.end);
      return html`<${Step} key=${step.n} ROW=${ROW} step=${step} x=${from}
        width=${Math.max(4, to - from - 1.5)} roomy=${roomy} end=${end} selected=${selected === step.n}
        href=${stepHref(step.n)} />`;
    })}
    ${picture.messages
      .filter((m) => m.t != null && m.t < picture.end - 1e-3)
      .map(
        (m) => html`<g class="said" transform=${`translate(${scale.x(m.t)} ${ROW.reactions})`}>
      <path d="M-6-7H6V3H0l-4 4V3h-2z" /><title>${m.text}: ${plainLine(headOf(m.detail), 200)}</title></g>`,
      )}
  </g>`;
}

// What the words of a first wrong step take, in px.
const FLAG = 105;

// What a letter of a reaction takes, in px.
const LETTER = 6;

function Step({ROW, step, x, width, roomy, end, selected, href}) {
  const wrong = step.code !== 0 && step.end != null;
  const blamed = step.marks.includes("blamed");
  const state = [
    wrong ? "wrong" : "fine",
    step.end == null ? "under-way" : "",
    selected ? "selected" : "",
    blamed ? "blamed" : "",
    step.flags.includes("changed") ? "changed" : "",
  ].join(" ");
  const [y, height] = [ROW.steps, ROW.height];
  const middle = x + width / 2;
  const backwards = middle + FLAG > end && middle > FLAG; // the outcome's words stand behind the end
  const code = step.end == null ? "…" : step.code == null ? "?" : step.code;
  return html`<a href=${href} class=${`step ${state}`}>
    <title>${stepName(step)}</title>
    ${
      blamed &&
      html`<path d=${`M${middle - 6} ${y - 11}h12l-6 8z`} class="blame-flag" />
      <text x=${middle + (backwards ? -10 : 10)} y=${y - 4} text-anchor=${backwards ? "end" : "start"}
      class="blame-word" aria-hidden="true">first wrong step</text>`
    }
    <rect x=${x} y=${y} width=${width} height=${height} rx="3" />
    ${wrong && html`<rect x=${x} y=${y + height - 4} width=${width} height="4" rx="1" class="wrong-bar" />`}
    ${width > 12 && html`<text x=${middle} y=${y + (wrong && width > 22 ? 15 : 21)} text-anchor="middle" aria-hidden="true">${step.n}</text>`}
    ${
      wrong &&
      width > 22 &&
      html`<text x=${middle} y=${y + 26} text-anchor="middle" aria-hidden="true"
      class="code">${step.flags.includes("timed_out") ? "time" : code}</text>`
    }
    ${
      step.reaction &&
      html`<g>${reactionAt(step.reaction, middle - 7, ROW.reactions - 8)}
      ${roomy && html`<text x=${middle} y=${ROW.reactions + 20} text-anchor="middle" aria-hidden="true" class="reaction-name">${step.reaction}</text>`}</g>`
    }
  </a>`;
}

export function stepName(step) {
  const how =
    step.end == null
      ? "under way"
      : step.flags.includes("timed_out")
        ? "time limit"
        : step.code == null
          ? "exit code unknown"
          : `exit ${step.code}`;
  const reaction = step.reaction ? `, ${REACTION_MEANING.get(step.reaction)}` : "";
  const marks = step.marks.length ? `, ${step.marks.join(", ")}` : "";
  return `step ${step.n}: ${plainLine(step.command?.head ?? step.command, 120)} (${how}, ${seconds(step.seconds)}${reaction}${marks})`;
}

function End({ROW, picture, scale, outcome, claimed, falsely}) {
  const x = scale.x(picture.end);
  if (!picture.stopped)
    return html`<text x=${x + 12} y=${ROW.steps + 21} class="end-word">still at work</text>`;
  const claim =
    {
      done: "claims “done”",
      blocked: "says “blocked”",
      nothing: "claims nothing",
      "cut-off": "cut off",
    }[claimed] ?? "";
  return html`<g class="end">
    <line x1=${x} x2=${x} y1=${Math.max(14, ROW.fault - 10)} y2=${ROW.reactions + 14} />
    <g>${signAt(outcome, x + 10, ROW.steps + 2, 15)}</g>
    <text x=${x + 30} y=${ROW.steps + 14} class="end-outcome">${outcome ?? ""}</text>
    <text x=${x + 10} y=${ROW.steps + 31} class=${falsely ? "end-word false" : "end-word"}>${claim}</text>
    ${falsely && html`<text x=${x + 10} y=${ROW.steps + 46} class="end-word false">not solved</text>`}
  </g>`;
}

function Control({ROW, control, trial, scale}) {
  const [y, height] = [ROW.control, ROW.controlHeight];
  const end = scale.x(control.end);
  return html`<g class="control-trial">
    <line x1="0" x2=${end} y1=${y + height / 2} y2=${y + height / 2} class="thread" />
    ${control.steps.map((step) => {
      const from = scale.x(step.start ?? 0);
      const width = Math.max(3, (step.end == null ? end : scale.x(step.end)) - from - 1.5);
      return html`<g class=${step.code === 0 ? "fine" : "wrong"}><title>control trial, ${stepName(step)}</title>
        <rect x=${from} y=${y} width=${width} height=${height} rx="3" />
        ${width > 13 && html`<text x=${from + width / 2} y=${y + 14} text-anchor="middle">${step.n}</text>`}</g>`;
    })}
    <line x1=${end} x2=${end} y1=${y - 4} y2=${y + height + 4} class="end-line" />
    <g>${signAt(trial?.outcome, end + 10, y + 3, 14)}</g>
    <text x=${end + 29} y=${y + 14} class="end-word">${trial?.outcome ?? ""} ${seconds(control.end)}</text>
  </g>`;
}

function spoken(picture, trial) {
  const told = picture.moments
    .filter((m) => m.what in TOLD)
    .map((m) => `${TOLD[m.what]}${m.step ? ` at step ${m.step}` : ""}`);
  return `Lane of ${picture.trial}: ${picture.steps.length} steps; ${told.join(", ") || "no fault"}; ${trial?.outcome ?? "not finished"}`;
}

// --- small lanes, one above the other, on one axis -----------------------------------------

export function commonAxis(pictures, width) {
  const until = Math.max(...pictures.map(lastOf), 0.01);
  const crowded = pictures.length > 16;
  return crowded
    ? straight(until, width)
    : elastic(
        pictures.flatMap((p) => spansOf(p, 11)),
        until,
        width,
      );
}

export function SmallLane({picture, scale, hatch}) {
  const height = 34;
  const end = scale.x(picture.end);
  const marks = picture.moments.filter((m) => ["exposed", "noticed", "repaired"].includes(m.what));
  return html`<svg class="small-lane" width=${scale.width + 14} height=${height} viewBox=${`-7 0 ${scale.width + 14} ${height}`} aria-hidden="true">
    <defs><${Hatch} id=${hatch} /></defs>
    ${picture.intervals.map(
      ([from, to]) => html`<rect
      x=${Math.min(scale.x(from), (to == null ? end : scale.x(to)) - 6)} y="3"
      width=${Math.max(6, (to == null ? end : scale.x(to)) - scale.x(from))} height="7" rx="1.5"
      class="in-force" fill=${`url(#${hatch})`} />`,
    )}
    <line x1="0" x2=${end} y1="20" y2="20" class="thread" />
    ${picture.steps.map((step) => {
      const from = scale.x(step.start ?? 0);
      const width = Math.max(2, (step.end == null ? end : scale.x(step.end)) - from - 1);
      return html`<rect x=${from} y="14" width=${width} height="12" rx="1.5"
        class=${`small-step ${step.code === 0 || step.end == null ? "fine" : "wrong"} ${step.marks.includes("blamed") ? "blamed" : ""}`} />
        ${step.reaction && html`<rect x=${from} y="28.5" width=${width} height="3" rx="1" class=${`small-reaction ${step.reaction}`} />`}`;
    })}
    ${marks.map((m) => html`<g transform=${`translate(${placeOf(m, picture, scale)} 6.5) scale(.8)`}>${momentAt(m.what, 0, 0)}</g>`)}
    <line x1=${end} x2=${end} y1="11" y2="29" class="end-line" />
  </svg>`;
}
