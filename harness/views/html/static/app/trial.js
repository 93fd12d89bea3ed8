// One trial: verdict, lane, what was broken, and every step to open.
import {html, useEffect, useMemo, useState} from "./html.js";
import {Lane} from "./lane.js";
import {usePictures} from "./load.js";
import {REACTION_MEANING, Reaction, Sign, reactionsIn} from "./glyphs.js";
import {Long, headOf, plainLine, tailOf} from "./text.js";
import {Output} from "./output.js";
import {Blame} from "./blame.js";
import {Broken} from "./broken.js";
import {count, seconds, words, yes} from "./format.js";
import {adjust, changed, go, href} from "./route.js";
import {useKeys} from "./keys.js";
import {Exchanges, totals} from "./exchanges.js";

export function TrialPage({model, route, stamp}) {
  const id = route.id;
  const trial = model.byId.get(id);
  const pending = model.unfinished.find((each) => each.trial === id);
  const known = trial ?? pending;
  const controlId = trial?.control ?? null;
  const pictures = usePictures([id, controlId], model, stamp);
  const picture = pictures.get(id);
  useKeys({
    t: () => trial?.control && go(href("trial", trial.control)),
    n: () => neighbour(trial, model, 1),
    p: () => neighbour(trial, model, -1),
    u: () => trial && go(href("pair", `${trial.task}+${trial.pair}`)),
  });
  if (!known)
    return html`<main id="main"><h1>No such trial</h1><p>This run has no trial <code>${plainLine(id)}</code>.</p></main>`;
  const pair = model.pairs.get(`${known.task}+${known.pair}`);
  return html`<main id="main" class="trial">
    <${Head} known=${known} trial=${trial} pair=${pair} model=${model} />
    ${picture === undefined && html`<p class="quiet">loading …</p>`}
    ${picture === null && html`<p class="quiet">This trial has not begun.</p>`}
    ${picture?.error && html`<p class="alarm">${picture.error}</p>`}
    ${picture?.steps && html`<${Told} ...${{model, route, trial, picture, pair, control: pictures.get(controlId) ?? null}} />`}
  </main>`;
}

function Head({known, trial, pair, model}) {
  const task = model.tasks.get(known.task);
  return html`<header class="page-head">
    <p class="crumbs"><a href=${href("overview")}>${model.run.name}</a><span aria-hidden="true">/</span>
      <a href=${href("pair", `${known.task}+${known.pair}`)}>${known.task} + ${known.pair === "noop" ? "control trial" : known.pair}</a>
      </p>
    <h1><${Sign} outcome=${trial?.outcome ?? "running"} label=${false} size=${26} />
      <span>${known.agent}</span> <span class="outcome-word ${trial?.outcome ?? ""}">${trial?.outcome ?? "not finished"}</span>
      ${known.attempt > 1 && html`<small>attempt ${known.attempt}</small>`}</h1>
    <p class="lead">${task?.title}${pair && pair.pair !== "noop" ? html`<span class="but">${pair.title}</span>` : ""}</p>
    ${trial && html`<${Facts} trial=${trial} />`}
  </header>`;
}

function Facts({trial}) {
  const control = trial.fault === "noop";
  const facts = [
    ["solved", trial.solved],
    ["harmed", trial.harmed],
    ...(control
      ? []
      : [
          ["exposed", trial.exposed],
          ["noticed", trial.noticed],
          ["repaired", trial.repaired],
        ]),
    ["false success", trial.false_success],
  ];
  const numbers = [
    ["claimed", trial.claimed ?? "unknown"],
    ["steps", trial.steps],
    ["time", seconds(trial.seconds)],
    ...(trial.to_notice == null ? [] : [["to notice", seconds(trial.to_notice)]]),
    ...(trial.to_recover == null ? [] : [["to recover", seconds(trial.to_recover)]]),
  ];
  return html`<div class="facts">
    <dl>${facts.map(([name, value]) => html`<div class=${`fact ${yes(value)} ${name.replace(" ", "-")}`}><dt>${name}</dt><dd>${yes(value)}</dd></div>`)}
      ${numbers.map(([name, value]) => html`<div class="fact"><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    <p class="reason">${plainLine(trial.reason)}</p>
  </div>`;
}

function Told({model, route, trial, picture, pair, control}) {
  const selected = Number(route.query.get("step")) || null;
  const even = route.query.get("axis") === "even";
  const shown = route.query.get("steps") ?? "all";
  const [open, setOpen] = useState(() => new Set(selected ? [selected] : []));
  useEffect(() => {
    if (selected) reveal(selected, setOpen);
  }, [selected]);
  const steps = useMemo(
    () => picture.steps.filter((s) => shown === "all" || relevant(s)),
    [picture, shown],
  );
  const toggle = (n) => setOpen((before) => toggled(before, n));
  useStepKeys({steps, selected, route, toggle});
  return html`
    ${picture.failed && html`<p class="alarm">${plainLine(picture.failed, 2000)}</p>`}
    ${
      totals(picture).length > 0 &&
      html`<div class="facts">
      <dl>${totals(picture).map(
        ([name, value]) => html`<div class="fact"><dt>${name}</dt><dd>${value}</dd>
      </div>`,
      )}</dl></div>`
    }
    <section class="lane-section" aria-label="Lane">
      <${Lane} picture=${picture} trial=${trial} control=${control?.steps ? control : null} controlTrial=${model.byId.get(trial?.control)}
        selected=${selected} even=${even} stepHref=${(n) => changed(route, {step: n})} />
      <div class="lane-foot"><${LaneKey} picture=${picture} /><span class="switch no-print">
        <button aria-pressed=${!even} onClick=${() => adjust(changed(route, {axis: ""}))}>short steps widened</button>
        <button aria-pressed=${even} onClick=${() => adjust(changed(route, {axis: "even"}))}>true time</button></span></div>
    </section>
    <${Blame} finding=${picture.blame} />
    ${pair && pair.pair !== "noop" && html`<${Broken} pair=${pair} picture=${picture} />`}
    <section aria-labelledby="steps-head">
      <div class="section-head"><h2 id="steps-head">Steps <small>${picture.steps.length}</small></h2>
        <div class="tools no-print">
          ${
            picture.moments.length > 0 &&
            html`<span class="switch">
            <button aria-pressed=${shown === "all"} onClick=${() => adjust(changed(route, {steps: ""}))}>all</button>
            <button aria-pressed=${shown === "fault"} onClick=${() => adjust(changed(route, {steps: "fault"}))}>about the fault</button></span>`
          }
          <button onClick=${() => setOpen(new Set(open.size ? [] : steps.map((s) => s.n)))}>${open.size ? "close all" : "open all"}</button>
        </div></div>
      <ol class="steps">${steps.map(
        (
          step,
        ) => html`<${StepRow} key=${step.n} step=${step} trial=${picture.trial} open=${open.has(step.n)}
        selected=${selected === step.n} toggle=${toggle} route=${route} />`,
      )}</ol>
      <${Ending} picture=${picture} />
    </section>`;
}

function relevant(step) {
  return step.reaction || step.marks.length > 0;
}

function toggled(before, n) {
  const after = new Set(before);
  if (!after.delete(n)) after.add(n);
  return after;
}

function reveal(n, setOpen) {
  setOpen((before) => new Set([...before, n]));
  requestAnimationFrame(() =>
    document.getElementById(`step-${n}`)?.scrollIntoView({block: "nearest"}),
  );
}

function LaneKey({picture}) {
  const fault = picture.moments.length > 0;
  return html`<p class="key">
    ${fault && html`<span><i class="swatch hatch"></i>fault in force</span>`}
    <span><i class="swatch wrong"></i>step that failed</span>
    ${reactionsIn([picture]).map((reaction) => html`<span title=${REACTION_MEANING.get(reaction)}><${Reaction} reaction=${reaction} />${reaction}</span>`)}
  </p>`;
}

function useStepKeys({steps, selected, route, toggle}) {
  const order = steps.map((s) => s.n);
  const at = order.indexOf(selected);
  const select = (place) => {
    const n = order[Math.max(0, Math.min(order.length - 1, place))];
    if (n !== undefined) adjust(changed(route, {step: n}));
  };
  useKeys({
    j: () => select(at + 1),
    k: () => select(at < 0 ? 0 : at - 1),
    o: () => selected && toggle(selected),
  });
}

function neighbour(trial, model, by) {
  const all = model.trials;
  const place = all.indexOf(trial) + by;
  if (trial && all[place]) go(href("trial", all[place].trial));
}

// --- one step ------------------------------------------------------------------------------

function StepRow({step, trial, open, selected, toggle, route}) {
  const failed = step.end != null && step.code !== 0;
  const click = (event) => {
    event.preventDefault();
    toggle(step.n);
    if (!open) adjust(changed(route, {step: step.n}));
  };
  return html`<li id=${`step-${step.n}`} class=${`step-row ${failed ? "failed" : ""} ${selected ? "selected" : ""} ${step.marks.join(" ")}`}>
    <details open=${open}>
      <summary onClick=${click}>
        <span class="number"><span class="unseen">step</span>${step.n}</span>
        <span class="when">${seconds(step.start)}</span>
        <code class="command">${plainLine(headOf(step.command), 240)}</code>
        <span class="badges">${step.marks.map((mark) => html`<em class=${`mark ${mark}`}>${mark === "blamed" ? "first wrong step" : mark}</em>`)}
          ${step.reaction && html`<em class=${`reaction-badge ${step.reaction}`}><${Reaction} reaction=${step.reaction} size=${13} />${step.reaction}</em>`}
          ${step.error && html`<em class="error-type" title=${step.overcome ? `overcome at step ${step.overcome}` : "not overcome"}>${words(step.error)}</em>`}
          ${step.flags.includes("changed") && html`<em class="changed" title="the watched state is another after this step">changed</em>`}</span>
        <span class="exit">${ended(step)}</span>
        <span class="duration">${seconds(step.seconds)}</span>
      </summary>
      ${open && html`<${Opened} step=${step} trial=${trial} />`}
    </details>
    ${!open && failed && firstWords(step) && html`<p class="glimpse">${firstWords(step)}</p>`}
  </li>`;
}

function ended(step) {
  if (step.end == null) return html`<b class="running">running</b>`;
  if (step.flags.includes("timed_out")) return html`<b class="bad">time limit</b>`;
  if (step.code == null) return "?";
  return step.code === 0
    ? html`<span class="zero"><span class="unseen">exit</span>0</span>`
    : html`<b class="bad"><span class="unseen">exit</span>${step.code}</b>`;
}

function firstWords(step) {
  if (step.error_line) return plainLine(step.error_line, 160);
  const lines = (tailOf(step.stderr) || tailOf(step.stdout)).trim().split("\n");
  return plainLine(lines.at(-1), 160);
}

function Opened({step, trial}) {
  const messy = step.pipestatus.length > 1 && step.pipestatus.some((c) => c !== 0);
  return html`<div class="opened">
    <${Exchanges} exchanges=${step.exchanges} trial=${trial} />
    ${headOf(step.message) && html`<${Part} name="said"><p class="message"><${Long} text=${step.message} /></p><//>`}
    <${Part} name="command"><pre class="code"><${Long} text=${step.command} /></pre><//>
    <${Output} name="stdout" text=${step.stdout} whole=${step.whole[0]} trial=${trial} />
    <${Output} name="stderr" text=${step.stderr} whole=${step.whole[1]} trial=${trial} />
    ${step.note && html`<${Part} name="note"><p>${plainLine(step.note)}</p><//>`}
    <${Part} name="facts"><p class="quiet">${[
      step.code == null ? "exit code unknown" : `exit ${step.code}`,
      messy ? `of the pipeline: ${step.pipestatus.join(", ")}` : "",
      seconds(step.seconds),
      step.error
        ? `${words(step.error)}, ${step.overcome ? `overcome at step ${step.overcome}` : "not overcome"}`
        : "",
      step.flags.includes("died") ? "the shell ended" : "",
      step.flags.includes("cut") ? "the agent saw it shortened" : "",
      step.flags.includes("changed") ? "watched state changed" : "",
    ]
      .filter(Boolean)
      .join(" · ")}</p><//>
    ${step.paths.length > 0 && html`<${Part} name="changed"><ul class="paths">${step.paths.map((p) => html`<li><code>${plainLine(p)}</code></li>`)}</ul><//>`}
    ${
      step.execs.length > 0 &&
      html`<${Part} name="programs"><details class="programs"><summary>${count(step.execs.length + step.more_execs, "program")}</summary>
      <ol>${step.execs.map((argv) => html`<li><code>${plainLine(argv.join(" "), 200)}</code></li>`)}</ol>
      ${step.more_execs > 0 && html`<p class="quiet">and ${step.more_execs} more</p>`}</details><//>`
    }
  </div>`;
}

export function Part({name, children}) {
  return html`<div class="part"><h3>${name}</h3><div>${children}</div></div>`;
}

function Ending({picture}) {
  return html`<div class="ending">
    <${Exchanges} exchanges=${picture.trailing} trial=${picture.trial} />
    ${picture.messages.map((m) => html`<blockquote><span class="when">${seconds(m.t)}</span><p class="message"><${Long} text=${m.detail} /></p></blockquote>`)}
    ${picture.stopped && html`<p class="quiet">${picture.stopped.text} at ${seconds(picture.stopped.t)}</p>`}
    ${
      picture.checks.length > 0 &&
      html`<h2>Check</h2><ol class="checks">${picture.checks.map(
        (m) => html`<li>
      <span class="when">${seconds(m.t)}</span> <span>${m.text}</span>
      ${headOf(m.detail) && html`<pre class="code"><${Long} text=${m.detail} /></pre>`}</li>`,
      )}</ol>`
    }
  </div>`;
}
