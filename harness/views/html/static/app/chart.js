// What the pictures of the insights page share: a frame with its axes, and the space it has.
import {html} from "./html.js";
import {useWidth} from "./lane.js";

export const TONES = ["tone0", "tone1", "tone2", "tone3", "tone4", "tone5", "tone6", "tone7"];

export function Section({id, title, finding, note, children}) {
  return html`<section class="chart" aria-labelledby=${id}><h2 id=${id}>${title}</h2>
    ${finding && html`<p class="finding">${finding}</p>`}${children}${note && html`<p class="note">${note}</p>`}</section>`;
}

// A plot: `draw` gets {x, y, width, height} and returns what stands inside.
export function Plot({label, height = 340, most = 860, x, y, draw, right = 24}) {
  const [ref, room] = useWidth(260);
  const inner = {width: Math.min(most, room) - 56 - right, height: height - 68};
  const place = {
    x: (value) => scaled(x, value) * inner.width,
    y: (value) => (1 - scaled(y, value)) * inner.height,
    ...inner,
  };
  return html`<div class="plot" ref=${ref}><svg width=${Math.min(most, room)} height=${height} role="img" aria-label=${label}>
    <g transform="translate(56 26)">
      ${y.ticks.map(
        (t) => html`<g transform=${`translate(0 ${place.y(t)})`}>
        <line x2=${inner.width} class="grid-line" /><text x="-9" y="4" text-anchor="end">${y.text(t)}</text>
        </g>`,
      )}
      ${x.ticks.map(
        (t) => html`<g transform=${`translate(${place.x(t)} ${inner.height})`}>
        <line y2="5" class="tick" /><text y="19" text-anchor="middle">${x.text(t)}</text></g>`,
      )}
      <line y1=${inner.height} y2=${inner.height} x2=${inner.width} class="base" />
      <text x=${inner.width} y=${inner.height + 36} text-anchor="end" class="axis-name">${x.name}</text>
      <text x="-50" y="-13" class="axis-name">${y.name}</text>
      ${draw(place)}
    </g></svg></div>`;
}

function scaled(axis, value) {
  const [low, high] = axis.range.map((v) => (axis.log ? Math.log(v) : v));
  const at = axis.log ? Math.log(Math.max(value, axis.range[0])) : value;
  return high > low ? (at - low) / (high - low) : 0.5;
}

export function shareAxis(name) {
  return {
    name,
    range: [0, 1],
    ticks: [0, 0.25, 0.5, 0.75, 1],
    text: (v) => `${Math.round(v * 100)} %`,
  };
}

export function numberAxis(name, most, {log = false, least = 1} = {}) {
  const ticks = log ? powers(least, most) : rounds(most);
  return {
    name,
    log,
    range: [log ? least : 0, Math.max(ticks.at(-1), most) * (log ? 1.15 : 1)],
    ticks,
    text: (v) => v.toLocaleString("en"),
  };
}

function powers(least, most) {
  const found = [];
  for (let p = 10 ** Math.floor(Math.log10(least)); p <= most * 1.5; p *= 10) {
    found.push(...[1, 2, 5].map((m) => Number((m * p).toPrecision(3))));
  }
  const inside = found.filter((v) => v >= least && v <= most * 1.3);
  return inside.length > 8 ? inside.filter((v) => /^0*\.?0*1/.test(String(v))) : inside;
}

function rounds(most) {
  const rough = Math.max(most, 1e-9) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5].map((m) => m * power).find((s) => s >= rough) ?? 10 * power;
  const found = [];
  for (let i = 0; i * step <= most * 1.0001 || i < 2; i += 1)
    found.push(Number((i * step).toPrecision(6)));
  return found;
}

// Places for labels beside their points, moved apart so that none covers another: the y of each.
export function apart(ys, gap, {low = 0, high = Infinity} = {}) {
  const order = ys.map((y, i) => [y, i]).sort((a, b) => a[0] - b[0]);
  const placed = [];
  let last = low - gap;
  for (const [y, i] of order) {
    last = Math.max(y, last + gap);
    placed.push([last, i]);
  }
  let limit = high;
  for (const pair of placed.reverse()) {
    pair[0] = Math.min(pair[0], limit);
    limit = pair[0] - gap;
  }
  const found = [];
  for (const [y, i] of placed) found[i] = y;
  return found;
}

// How deep a field of a heat map is coloured; never so deep that its number could not be read.
export function depth(value, most) {
  return {"--depth": `${8 + Math.round((46 * value) / most)}%`};
}

// Where the names of dots {x, y, radius, name} stand: right, left, above or below, whichever place is
// free of other dots and names; {x, y, anchor} of each.
export function named(dots, {width, height}) {
  const taken = dots.map((dot) =>
    box(dot.x - dot.radius, dot.y - dot.radius, 2 * dot.radius, 2 * dot.radius),
  );
  return dots.map((dot) => {
    const size = 6.6 * dot.name.length;
    const free = places(dot, size).find((place) => {
      const mine = box(place.left, place.y - 9, size, 12);
      return (
        mine.right < width + 180 &&
        mine.left > -40 &&
        mine.top > -16 &&
        mine.bottom < height + 8 &&
        !taken.some((other) => meet(mine, other))
      );
    });
    const chosen = free ?? places(dot, size)[0];
    taken.push(box(chosen.left, chosen.y - 9, size, 12));
    return chosen;
  });
}

function places({x, y, radius}, size) {
  const right = x + radius + 5;
  const left = x - radius - 5;
  return [
    {x: right, y: y + 4, anchor: "start", left: right},
    {x: left, y: y + 4, anchor: "end", left: left - size},
    {x, y: y - radius - 6, anchor: "middle", left: x - size / 2},
    {x, y: y + radius + 14, anchor: "middle", left: x - size / 2},
    {x: right, y: y - 10, anchor: "start", left: right},
    {x: right, y: y + 18, anchor: "start", left: right},
    {x: left, y: y - 10, anchor: "end", left: left - size},
    {x: left, y: y + 18, anchor: "end", left: left - size},
  ];
}

function box(left, top, width, height) {
  return {left, top, right: left + width, bottom: top + height};
}

function meet(one, other) {
  return (
    one.left < other.right &&
    other.left < one.right &&
    one.top < other.bottom &&
    other.top < one.bottom
  );
}
