// Numbers and words as people read them.
export function seconds(value) {
  if (value == null) return "";
  const size = Math.abs(value);
  if (size < 10) return `${value.toFixed(2)} s`;
  if (size < 100) return `${value.toFixed(1)} s`;
  if (size < 3600)
    return `${Math.floor(value / 60)} min ${String(Math.floor(value % 60)).padStart(2, "0")}`;
  return `${(value / 3600).toFixed(1)} h`;
}

export function percent(share) {
  return share == null ? "–" : `${Math.round(share * 100)} %`;
}

export function interval(rate) {
  if (rate == null || rate.low == null) return "";
  return `${Math.round(rate.low * 100)}–${Math.round(rate.high * 100)} %`;
}

export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

export function yes(value) {
  return value === true ? "yes" : value === false ? "no" : "unknown";
}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function date(iso) {
  const found = new Date(iso);
  if (Number.isNaN(found.getTime())) return iso;
  return `${found.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

// What an error type, a fault or a category is called in running text.
export function words(name) {
  return String(name ?? "").replaceAll("_", " ");
}
