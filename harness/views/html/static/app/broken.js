// What was broken: the fault in words, and the scripts behind it to open.
import {html} from "./html.js";
import {words} from "./format.js";
import {Recorded, plainLine} from "./text.js";

const RESOLUTIONS = new Map([
  ["repair", "remove the cause"],
  ["workaround", "go around it"],
  ["wait", "wait, and try again"],
  ["report", "say so: it cannot be mastered"],
]);

export function Broken({pair, picture, open = false}) {
  const injected = picture?.moments.find((m) => m.what === "injected");
  const scripts = Object.entries(pair.scripts).filter(([, text]) => text);
  const books = [
    ["fix", pair.fix],
    ["workaround", pair.workaround],
  ].filter(([, lines]) => lines.length);
  return html`<section class="broken">
    <details open=${open}><summary><h2>What was broken</h2> <span class="quiet">${words(pair.error_type)}</span></summary>
    <dl class="spec">
      <div><dt>in real life</dt><dd>${plainLine(pair.title)}</dd></div>
      <div><dt>error type</dt><dd>${words(pair.category)} / ${words(pair.error_type)}${pair.explicit ? "" : ", no error is printed"}</dd></div>
      <div><dt>injected</dt><dd>${plainLine(pair.when)}; ${pair.schedule}</dd></div>
      <div><dt>resolution</dt><dd>${RESOLUTIONS.get(pair.resolution) ?? pair.resolution}</dd></div>
      ${injected && injected.text !== "injected" && html`<div><dt>altered</dt><dd><code>${plainLine(injected.text.replace(/^injected: /, ""))}</code></dd></div>`}
      ${!pair.declared && html`<div><dt>declared</dt><dd>no: the task does not name this fault</dd></div>`}
    </dl>
    ${[...scripts, ...books.map(([name, lines]) => [name, lines.join("\n")])].map(
      ([name, text]) => html`<div
      class="part"><h3>${name}</h3><div><pre class="code"><${Recorded} text=${text.trimEnd()} /></pre></div>
      </div>`,
    )}
    </details></section>`;
}
