// Texts of unknown origin: always text nodes, and what cannot be seen is written out.
import {html} from "./html.js";

const SPECIAL = /\x1b\[([0-9;]*)m|([\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc})/gu;
const MOST = 3000;

// A text as it was recorded: colours (SGR) applied, other control characters written out.
export function Recorded({text}) {
  return html`${pieces(String(text ?? ""))}`;
}

function pieces(text) {
  const found = [];
  let place = 0;
  let look = "";
  const add = (part) => part && found.push(look ? html`<span class=${look}>${part}</span>` : part);
  for (const match of text.matchAll(SPECIAL)) {
    if (found.length > MOST) break;
    add(text.slice(place, match.index));
    place = match.index + match[0].length;
    if (match[2] === undefined) look = coloured(look, match[1]);
    else if (match[2] !== "\r" || text[place] !== "\n")
      found.push(html`<span class="control-char">${written(match[2])}</span>`);
  }
  const rest = text.slice(place);
  add(
    found.length > MOST
      ? rest.replace(SPECIAL, (all) =>
          [...all].map((c) => (c < " " || c > "~" ? written(c) : c)).join(""),
        )
      : rest,
  );
  return found;
}

export function written(char) {
  const code = char.codePointAt(0);
  if (code < 256) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 65536
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\U${code.toString(16).padStart(8, "0")}`;
}

// One line of it, for rows: no colours.
export function plainLine(text, most = 300) {
  const head = String(text ?? "")
    .slice(0, most * 2)
    .replace(/\x1b\[[0-9;]*m/g, "");
  const line = head.replace(/\s+/g, " ").trim();
  return line.replace(SPECIAL, (all) => written(all)).slice(0, most);
}

function coloured(before, codes) {
  let colour = /\bink\d\b/.exec(before)?.[0] ?? "";
  let bold = before.includes("bold");
  const numbers = codes.split(";").map(Number);
  for (let i = 0; i < numbers.length; i += 1) {
    const code = numbers[i];
    if (code === 38 || code === 48) i += numbers[i + 1] === 5 ? 2 : 4;
    else if (code === 0) [colour, bold] = ["", false];
    else if (code === 1) bold = true;
    else if (code === 22) bold = false;
    else if (code === 39) colour = "";
    else if ((code >= 30 && code < 38) || (code >= 90 && code < 98)) colour = `ink${code % 10}`;
  }
  return `${colour} ${bold ? "bold" : ""}`.trim();
}

// A text that may have lost its middle: {head, left_out, tail}.
export function Long({text}) {
  if (typeof text === "string") return html`<${Recorded} text=${text} />`;
  if (text == null) return null;
  return html`<${Recorded} text=${text.head} /><span class="left-out">
… ${Number(text.left_out).toLocaleString("en")} characters left out …
</span><${Recorded} text=${text.tail} />`;
}

export function headOf(text) {
  return typeof text === "string" ? text : (text?.head ?? "");
}

export function tailOf(text) {
  return typeof text === "string" ? text : (text?.tail ?? "");
}

export function wholeOf(text) {
  return typeof text === "string" ? text : `${text?.head ?? ""}\n${text?.tail ?? ""}`;
}
