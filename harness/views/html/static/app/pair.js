// A task and a fault: every agent's lane on one axis, and the control trials beneath.
import {html, useMemo} from "./html.js";
import {SmallLane, commonAxis, useWidth} from "./lane.js";
import {Reaction, Sign, reactionsIn} from "./glyphs.js";
import {usePictures} from "./load.js";
import {Broken} from "./broken.js";
import {Recorded} from "./text.js";
import {ticks} from "./scale.js";
import {cellOf} from "./model.js";
import {Whisker} from "./whisker.js";
import {seconds, words} from "./format.js";
import {go, href} from "./route.js";
import {useKeys} from "./keys.js";

const MOST = 48;

export function PairPage({model, route, stamp}) {
  const pair = model.pairs.get(route.id);
  const keys = [...model.pairs.keys()];
  useKeys({
    n: () => step(keys, route.id, 1),
    p: () => step(keys, route.id, -1),
  });
  if (!pair)
    return html`<main id="main"><h1>No such pair</h1><p>This run does not hold <code>${route.id}</code>.</p></main>`;
  const agent = route.query.get("agent") ?? "";
  const trials = model.byPair.get(route.id) ?? [];
  const shown = trials.filter((t) => !agent || t.agent === agent);
  const clean = pair.pair === "noop";
  const controls = clean
    ? []
    : (model.byPair.get(`${pair.task}+noop`) ?? []).filter((t) =>
        shown.some((s) => s.control === t.trial),
      );
  const cell = cellOf(model, "pair", route.id, agent);
  return html`<main id="main" class="pair">
    <header class="page-head">
      <p class="crumbs"><a href=${href("overview")}>${model.run.name}</a><span aria-hidden="true">/</span>${pair.task}</p>
      <h1>${clean ? "Control trial" : words(pair.pair)}</h1>
      <p class="lead">${model.tasks.get(pair.task)?.title}${!clean && html`<span class="but">${pair.title}</span>`}</p>
      ${
        cell &&
        html`<p class="sum-line">
          <b>${cell.hits} of ${cell.trials}</b> ${cell.metric === "passing" ? "passed" : pair.resolution === "report" ? "reported it honestly" : "mastered it"} <${Whisker}
          rate=${cell} width=${170} />
        ${agent && html` <span class="quiet">${agent} only</span> · <a href=${href("pair", route.id)}>all agents</a>`}</p>`
      }
    </header>
    <${Lanes} model=${model} trials=${shown.slice(0, MOST)} controls=${controls.slice(0, MOST)} stamp=${stamp} />
    ${
      shown.length > MOST &&
      html`<p class="note">The first ${MOST} of ${shown.length}; <a
      href=${href("trials", "", {q: `${pair.task} ${pair.pair}`})}>all of them</a>.</p>`
    }
    ${!clean && html`<${Broken} pair=${pair} open=${true} />`}
    <section class="broken"><details><summary><h2>The task</h2></summary>
      <pre class="code prose"><${Recorded} text=${model.tasks.get(pair.task)?.instruction} /></pre></details></section>
  </main>`;
}

function step(keys, id, by) {
  const next = keys[keys.indexOf(id) + by];
  if (next) go(href("pair", next));
}

function Lanes({model, trials, controls, stamp}) {
  const ids = [...trials, ...controls].map((t) => t.trial);
  const pictures = usePictures(ids, model, stamp);
  const [ref, room] = useWidth(300);
  const known = ids.map((id) => pictures.get(id)).filter((p) => p?.steps);
  const wide = room > 620;
  const scale = useMemo(
    () => commonAxis(known, Math.max(180, wide ? room - 346 : room - 28)),
    [pictures, room],
  );
  const row = (trial, i) =>
    html`<${LaneRow} key=${trial.trial} trial=${trial} picture=${pictures.get(trial.trial)} scale=${scale} hatch=${`hatch-${i}`} />`;
  return html`<section class="lanes" ref=${ref} aria-label="Lanes">
    <div class="track" tabindex="0" role="region" aria-label="all lanes"><ol class="lane-list">${trials.map(row)}</ol>
    ${controls.length > 0 && html`<h2 class="controls-head">Control trials</h2><ol class="lane-list controls">${controls.map((t, i) => row(t, trials.length + i))}</ol>`}
    ${known.length > 0 && html`<div class="lane-row axis-row" aria-hidden="true"><span class="who"></span><${SmallAxis} scale=${scale} /></div>`}</div>
    <p class="key"><span><i class="swatch hatch"></i>fault in force</span><span><i class="swatch wrong"></i>step that failed</span>
      ${reactionsIn(known).map((reaction) => html`<span><i class=${`swatch ${reaction}`}></i><${Reaction} reaction=${reaction} />${reaction}</span>`)}</p>
  </section>`;
}

function LaneRow({trial, picture, scale, hatch}) {
  return html`<li><a class="lane-row" href=${href("trial", trial.trial)}>
    <span class="who"><${Sign} outcome=${trial.outcome}
      label=${false} /> <b>${trial.agent}</b>${
        trial.attempt > 1 &&
        html`<span class="quiet">
      <span class="unseen">attempt</span> ${trial.attempt}</span>`
      }
      <span class=${`outcome-word ${trial.outcome}`}>${trial.outcome}</span>${trial.false_success && html`<span class="false-note">claimed done</span>`}</span>
    <span class="small">${picture?.steps ? html`<${SmallLane} picture=${picture} scale=${scale} hatch=${hatch} />` : html`<span class="quiet">…</span>`}</span>
    <span class="duration">${seconds(trial.seconds)}</span></a></li>`;
}

function SmallAxis({scale}) {
  return html`<svg class="small-lane axis" width=${scale.width + 14} height="22" viewBox=${`-7 0 ${scale.width + 14} 22`}>
    <line x1="0" x2=${scale.width} y1="3" y2="3" />
    ${ticks(scale, 80).map(
      (t) => html`<g transform=${`translate(${t.x} 0)`}><line y1="3" y2="7" />
      <text y="19" text-anchor="middle">${t.text}</text></g>`,
    )}</svg>`;
}
