// What passed between the agent and its model, and the tools it used that are no shell.
import {html} from "./html.js";
import {wholeOutput} from "./data.js";
import {count, seconds} from "./format.js";
import {Long, headOf, plainLine} from "./text.js";

const LABEL = {asked: "model", unanswered: "no answer", uses: "tool", logged: "log"};

export function Talk({words, trial}) {
  const told = words.filter(
    (word) => word.what !== "logged" || headOf(word.text) || word.artifacts.length,
  );
  return told.map(
    (
      word,
    ) => html`<div class=${`part talk ${word.what}`}><h3>${LABEL[word.what] ?? word.what}</h3><div>
    ${headOf(word.text) && html`<p class="message"><${Long} text=${word.text} /></p>`}
    <p class="quiet">${facts(word).join(" · ")} ${word.artifacts.map(
      (name, i) => html`<${Kept}
      trial=${trial} name=${name} label=${label(word, i)} />`,
    )}</p></div></div>`,
  );
}

function facts(word) {
  const {prompt, completion, cached} = word.tokens;
  return [
    plainLine(word.model),
    word.by ? `broken by the ${word.by}` : "",
    prompt == null
      ? ""
      : `${tokens(prompt)} tokens in${cached ? `, ${tokens(cached)} of them cached` : ""}`,
    completion == null ? "" : `${tokens(completion)} out`,
    word.usd == null ? "" : usd(word.usd),
    word.seconds == null ? "" : seconds(word.seconds),
    word.t == null ? "" : `at ${seconds(word.t)}`,
  ].filter(Boolean);
}

function label(word, i) {
  return word.what === "logged" ? "open" : i === 0 ? "request" : "response";
}

function Kept({trial, name, label}) {
  const path = wholeOutput(trial, name);
  return path
    ? html`<a href=${path} target="_blank" rel="noopener noreferrer">${label}</a> `
    : null;
}

function tokens(number) {
  return Number(number).toLocaleString("en");
}

export function usd(amount) {
  return `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`;
}

// What a trial's model was asked, all in all: words for its head.
export function totals(picture) {
  const words = [...picture.steps.flatMap((step) => step.talk), ...picture.talk].filter(
    (word) => word.what === "asked",
  );
  if (!words.length) return [];
  const sum = (pick) => words.reduce((all, word) => all + (pick(word) ?? 0), 0);
  const paid = words.some((word) => word.usd != null);
  return [
    ["model", count(words.length, "answer")],
    [
      "tokens",
      `${tokens(sum((w) => w.tokens.prompt))} in, ${tokens(sum((w) => w.tokens.completion))} out`,
    ],
    ["waited for it", seconds(sum((w) => w.seconds))],
    ...(paid ? [["cost", usd(sum((w) => w.usd))]] : []),
  ];
}

// When the agent waited for its model: [from, to] in seconds.
export function waits(picture) {
  const words = [...picture.steps.flatMap((step) => step.talk), ...picture.talk];
  return words
    .filter((word) => word.what === "asked" && word.t != null && word.seconds > 0)
    .map((word) => [word.t - word.seconds, word.t]);
}
