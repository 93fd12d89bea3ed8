// Where the numbers come from: blocks of data in this file, or the server of `harness view`.
const blocks = new Map(
  [...document.querySelectorAll("script[data-name]")].map((each) => [
    each.getAttribute("data-name"),
    each.textContent,
  ]),
);
const kept = new Map();
const MOST_KEPT = 64;

export const live = !blocks.has("run");

export async function loadRun() {
  return live ? fetched("api/run") : unpacked(blocks.get("run"));
}

// Return a trial's picture, or null where there is none (it has not begun).  A picture is kept for
// as long as the trial's `version` stays the same.
export async function loadTrial(id, version = "") {
  if (kept.get(id)?.version === version) return kept.get(id).picture;
  const picture = live ? await fetched(`api/trial/${encodeURIComponent(id)}`) : await embedded(id);
  kept.set(id, {version, picture});
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  return picture;
}

// Call back whenever the run has changed on disk.
export function follow(callback) {
  if (!live) return () => {};
  const source = new EventSource("api/changes");
  source.onmessage = () => callback();
  return () => source.close();
}

// Where the whole of a long output can be read; null in a file that stands alone.
export function wholeOutput(trial, name) {
  return live
    ? `api/trial/${encodeURIComponent(trial)}/artifact/${encodeURIComponent(name)}`
    : null;
}

async function embedded(id) {
  const block = blocks.get(`trial ${id}`);
  return block ? unpacked(block) : null;
}

async function fetched(path) {
  const answer = await fetch(path, {headers: {Accept: "application/json"}});
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
  return answer.json();
}

async function unpacked(text) {
  const stream = new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

function bytes(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
