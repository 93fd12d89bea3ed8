// What passed between the agent and its model, and the tools it used that are no shell.
import {html} from "./html.js";
import {wholeOutput} from "./data.js";
import {count, seconds} from "./format.js";
import {Long, headOf, plainLine} from "./text.js";

const LABEL = {
  model_call: "model",
  model_error: "no answer",
  tool_call: "tool",
  logged: "log",
};

export function Exchanges({exchanges, trial}) {
  const told = exchanges.filter(
    (exchange) => exchange.what !== "logged" || headOf(exchange.text) || exchange.artifacts.length,
  );
  return told.map(
    (
      exchange,
    ) => html`<div class=${`part exchange ${exchange.what}`}><h3>${LABEL[exchange.what] ?? exchange.what}</h3><div>
    ${headOf(exchange.text) && html`<p class="message"><${Long} text=${exchange.text} /></p>`}
    <p class="quiet">${facts(exchange).join(" · ")} ${exchange.artifacts.map(
      (name, i) => html`<${Kept}
      trial=${trial} name=${name} label=${label(exchange, i)} />`,
    )}</p></div></div>`,
  );
}

function facts(exchange) {
  const {prompt, completion, cached} = exchange.tokens;
  return [
    plainLine(exchange.model),
    exchange.by ? `broken by the ${exchange.by}` : "",
    prompt == null
      ? ""
      : `${tokens(prompt)} tokens in${cached ? `, ${tokens(cached)} of them cached` : ""}`,
    completion == null ? "" : `${tokens(completion)} out`,
    exchange.usd == null ? "" : usd(exchange.usd),
    exchange.seconds == null ? "" : seconds(exchange.seconds),
    exchange.t == null ? "" : `at ${seconds(exchange.t)}`,
  ].filter(Boolean);
}

function label(exchange, i) {
  return exchange.what === "logged" ? "open" : i === 0 ? "request" : "response";
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
  const calls = callsOf(picture);
  if (!calls.length) return [];
  const sum = (pick) => calls.reduce((all, call) => all + (pick(call) ?? 0), 0);
  const paid = calls.some((call) => call.usd != null);
  return [
    ["model", count(calls.length, "answer")],
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
  return callsOf(picture)
    .filter((call) => call.t != null && call.seconds > 0)
    .map((call) => [call.t - call.seconds, call.t]);
}

function callsOf(picture) {
  const all = [...picture.steps.flatMap((step) => step.exchanges), ...picture.trailing];
  return all.filter((exchange) => exchange.what === "model_call");
}
