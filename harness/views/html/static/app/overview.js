// The first page: what was run, the answer in one sentence, the agents, and the grid.
import {html} from "./html.js";
import {Sign} from "./glyphs.js";
import {MEANING, OUTCOMES} from "./model.js";
import {Grid} from "./grid.js";
import {Figure, Whisker} from "./whisker.js";
import {count, date, interval, percent, seconds} from "./format.js";
import {href} from "./route.js";

export function OverviewPage({model, route}) {
  const {run, answer} = model;
  return html`<main id="main" class="overview">
    <header class="page-head">
      <p class="crumbs">${run.name} · ${date(run.created)}${run.running ? html` · <b class="running">running</b>` : ""}</p>
      <h1 class="answer">${answer.sentence}</h1>
      <p class="lead">${answer.asked}</p>
      ${answer.warnings.length > 0 && html`<ul class="warnings">${answer.warnings.map((words) => html`<li>${words}</li>`)}</ul>`}
    </header>
    <${Agents} model=${model} />
    <${Legend} model=${model} />
    <${Grid} model=${model} route=${route} />
    <${Unfinished} model=${model} />
    <footer class="colophon">run ${run.id} · harness ${run.version} · ${run.platform}</footer>
  </main>`;
}

function Agents({model}) {
  const medians = new Map(model.survival.map((row) => [row.agent, row]));
  const reporting = model.agents.some((agent) => agent.reporting.trials > 0);
  return html`<section aria-labelledby="agents-head">
    <h2 id="agents-head">Agents</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="table of agents"><table class="agents">
      <thead><tr><th scope="col">agent</th><th scope="col" colspan="3">mastered, of the faults met</th>
        ${reporting && html`<th scope="col" class="num">honestly reported</th>`}
        <th scope="col" class="num">control trials passed</th><th scope="col" class="num">false successes</th>
        <th scope="col" class="num">harmful</th><th scope="col" class="num">median to recover</th><th scope="col">outcomes</th></tr></thead>
      <tbody>${model.agents.map(
        (agent) => html`<tr key=${agent.agent}>
        <th scope="row"><a href=${href("trials", "", {agent: agent.agent})}>${agent.agent}</a></th>
        <td class="num"><${Figure} rate=${agent.recovery} /></td>
        <td class="whisker-cell"><${Whisker} rate=${agent.recovery} width=${170} /></td>
        <td class="num wide-only">${
          agent.recovery.trials
            ? html`${percent(agent.recovery.share)} <span
          class="quiet">${interval(agent.recovery)}</span>`
            : ""
        }</td>
        ${reporting && html`<td class="num"><${Figure} rate=${agent.reporting} /></td>`}
        <td class="num"><${Figure} rate=${agent.control} /></td>
        <td class="num">${tally(agent.false_successes, {agent: agent.agent, q: "false success"})}</td>
        <td class="num">${tally(agent.outcomes.harmful ?? 0, {agent: agent.agent, outcome: "harmful"})}</td>
        <td class="num">${median(medians.get(agent.agent))}</td>
        <td><span class="profile">${OUTCOMES.filter((o) => agent.outcomes[o]).map(
          (o) => html`<a
          class="times" key=${o} href=${href("trials", "", {agent: agent.agent, outcome: o})}>
          <${Sign} outcome=${o} size=${14} label=${false} />${agent.outcomes[o]}<span
          class="unseen"> ${o}</span></a>`,
        )}</span></td></tr>`,
      )}</tbody>
    </table></div>
    <p class="note">Bars: 95 % Wilson intervals. The median counts those that never recovered as still waiting (Kaplan–Meier).</p>
  </section>`;
}

function tally(number, query) {
  return number
    ? html`<a class="tally" href=${href("trials", "", query)}>${number}</a>`
    : html`<span class="quiet">0</span>`;
}

function median(row) {
  if (!row) return html`<span class="quiet">–</span>`;
  if (row.median == null)
    return html`<span class="quiet" title="fewer than half recovered">not reached</span>`;
  return 2 * row.recovered >= row.trials
    ? seconds(row.median)
    : html`<span class="quiet" title=${`of ${row.trials} only ${row.recovered} recovered; the others ended earlier`}>${seconds(row.median)}</span>`;
}

function Legend({model}) {
  const counts = new Map(OUTCOMES.map((outcome) => [outcome, 0]));
  for (const trial of model.trials) counts.set(trial.outcome, (counts.get(trial.outcome) ?? 0) + 1);
  return html`<section aria-labelledby="outcomes-head"><h2 id="outcomes-head" class="unseen">Outcomes</h2>
    <ul class="legend">${OUTCOMES.filter((o) => counts.get(o)).map(
      (outcome) => html`<li key=${outcome}>
      <a href=${href("trials", "", {outcome})} title=${MEANING.get(outcome)}><${Sign} outcome=${outcome} label=${false} />
      <span>${outcome}</span> <b>${counts.get(outcome)}</b></a></li>`,
    )}</ul></section>`;
}

function Unfinished({model}) {
  const rows = model.unfinished;
  if (!rows.length) return null;
  return html`<section aria-labelledby="unfinished-head"><h2 id="unfinished-head">Not finished <small>${count(rows.length, "trial")}</small></h2>
    <ul class="unfinished">${rows
      .slice(0, 60)
      .map(
        (row) =>
          html`<li>${
            row.begun
              ? html`<a href=${href("trial", row.trial)}><${Sign} outcome="running" label=${false} /> ${row.trial}</a>`
              : html`<span class="quiet">${row.trial}</span>`
          }</li>`,
      )}</ul>
    ${rows.length > 60 && html`<p class="quiet">and ${rows.length - 60} more</p>`}</section>`;
}
