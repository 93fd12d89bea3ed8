// The URL's hash holds the whole state: what is open, and how it is looked at.
export function parsed(hash) {
  const [path, query] = hash.replace(/^#?\/?/, "").split("?", 2);
  const parts = path.split("/").map(decoded);
  const view = parts[0] || "overview";
  return {view, id: parts.slice(1).join("/"), query: new Map(new URLSearchParams(query ?? ""))};
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function href(view, id = "", query = {}) {
  const known = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const asked = new URLSearchParams(known.map(([key, value]) => [key, String(value)])).toString();
  const path =
    view === "overview" && !id ? "" : [view, ...(id ? [encodeURIComponent(id)] : [])].join("/");
  return `#/${path}${asked ? `?${asked}` : ""}`;
}

// The same place, looked at otherwise: the query with some of its keys changed.
export function changed(route, changes) {
  return href(route.view, route.id, {...Object.fromEntries(route.query), ...changes});
}

export function go(to) {
  location.hash = to;
}

// Change how a place is looked at without a step in the browser's history.
export function adjust(to) {
  history.replaceState(null, "", to);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
