// What a step printed; of a long output the file holds head and tail, the server all of it.
import {html, useState} from "./html.js";
import {wholeOutput} from "./data.js";
import {Long, Recorded, headOf} from "./text.js";
import {size} from "./format.js";

const SLICE = 1 << 18;

export function Output({name, text, whole, trial}) {
  if (!headOf(text)) return null;
  return html`<div class="part"><h3>${name}</h3><div>
    <pre class=${`code ${name}`}><${Long} text=${text} /></pre>
    ${whole && html`<${Whole} trial=${trial} name=${whole} />`}
  </div></div>`;
}

function Whole({trial, name}) {
  const [got, setGot] = useState({text: "", next: 0, total: Infinity, error: ""});
  const path = wholeOutput(trial, name);
  if (!path)
    return html`<p class="quiet">The whole is in the run's folder, <code>artifacts/${name.slice(0, 12)}…</code>; <code>harness view</code> opens it.</p>`;
  const more = () =>
    slice(path, got.next).then(
      (part) => setGot({...part, text: got.text + part.text, error: ""}),
      (error) => setGot({...got, error: error.message}),
    );
  return html`<div class="whole">
    ${got.text && html`<pre class="code"><${Recorded} text=${got.text} /></pre>`}
    <p class="quiet">${
      got.next < got.total &&
      html`<button
      onClick=${more}>${got.next ? `load more (${size(got.next)} of ${size(got.total)})` : "load the whole output"}</button> `
    }
      <a href=${path} target="_blank" rel="noopener noreferrer">open as plain text</a> ${got.error}</p>
  </div>`;
}

async function slice(path, from) {
  const answer = await fetch(`${path}?start=${from}&size=${SLICE}`);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const total = Number(answer.headers.get("X-Total"));
  return {text: await answer.text(), next: Math.min(total, from + SLICE), total};
}
