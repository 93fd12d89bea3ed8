// From seconds to places: a straight axis, or one on which short steps are widened.  Pure.
const TINY = 1e-4;

// A straight axis of `width` pixels from 0 to `until` seconds.
export function straight(until, width) {
  const end = Math.max(until, TINY);
  return {width, until: end, x: (t) => (clamped(t, end) / end) * width};
}

// An axis that gives each span {start, end, least} at least `least` pixels, in order, and deals the
// rest out by time.  Where the spans need more than `width`, it grows.
export function elastic(spans, until, width) {
  const end = Math.max(until, TINY);
  const inside = spans.map((s) => ({
    start: clamped(s.start, end),
    end: clamped(s.end, end),
    least: s.least,
  }));
  const points = [...new Set([0, end, ...inside.flatMap((s) => [s.start, s.end])])].sort(
    (a, b) => a - b,
  );
  const widths = points.slice(1).map(() => 0);
  const place = new Map(points.map((point, i) => [point, i]));
  for (const span of inside) widen(span, points, widths, place);
  const used = widths.reduce((a, b) => a + b, 0);
  const rest = Math.max(0, width - used);
  const marks = [0];
  for (let i = 0; i < widths.length; i += 1) {
    marks.push(marks[i] + widths[i] + (rest * (points[i + 1] - points[i])) / end);
  }
  return {
    width: Math.max(width, used),
    until: end,
    x: (t) => between(clamped(t, end), points, marks),
  };
}

function widen(span, points, widths, place) {
  const [from, to] = [place.get(span.start), place.get(span.end)];
  let [have, time] = [0, 0];
  for (let i = from; i < to; i += 1)
    [have, time] = [have + widths[i], time + points[i + 1] - points[i]];
  if (have >= span.least || time <= 0) return;
  for (let i = from; i < to; i += 1)
    widths[i] += ((span.least - have) * (points[i + 1] - points[i])) / time;
}

function between(t, points, marks) {
  let [low, high] = [0, points.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle] <= t) low = middle;
    else high = middle;
  }
  const span = points[high] - points[low];
  return marks[low] + (span > 0 ? ((t - points[low]) / span) * (marks[high] - marks[low]) : 0);
}

function clamped(t, end) {
  return Math.min(Math.max(Number.isFinite(t) ? t : end, 0), end);
}

// Round times that stand at least `gap` pixels apart on the axis.
export function ticks(scale, gap = 64) {
  const rough = scale.until / Math.max(2, Math.min(12, scale.width / gap));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5].map((m) => m * power).find((s) => s >= rough) ?? 10 * power;
  const found = [];
  let last = -Infinity;
  for (let i = 0; i * step <= scale.until * 1.0001 && found.length < 40; i += 1) {
    const x = scale.x(i * step);
    if (x - last < gap * 0.7) continue;
    found.push({t: i * step, x});
    last = x;
  }
  return found.map((tick) => ({...tick, text: tickText(tick.t, step)}));
}

function tickText(t, step) {
  if (scaleInMinutes(t, step)) return `${Math.round(t / 60)} min`;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return `${t.toFixed(digits)} s`;
}

function scaleInMinutes(t, step) {
  return step >= 60 && t % 60 === 0 && t > 0;
}

// Put labels {x, width}, ordered by x, into rows so that none overlaps another and no line from a
// label down crosses another's words: what stands further left stands higher.  Row 0 is the lowest.
export function tiers(labels) {
  const starts = [];
  const rows = [];
  for (let i = labels.length - 1; i >= 0; i -= 1) {
    const end = labels[i].x + labels[i].width;
    const free = starts.findIndex((start) => start >= end);
    rows[i] = free < 0 ? starts.length : free;
    for (let row = 0; row <= rows[i]; row += 1) starts[row] = labels[i].x;
  }
  return rows;
}
