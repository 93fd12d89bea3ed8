// The run in pictures: the way from fault to recovery, and what the errors on it have in common.
import {html} from "./html.js";
import {Funnel, Survival} from "./recovery.js";
import {Origins} from "./origins.js";
import {Categories, Gap, HardTasks, Profiles, Types} from "./errors.js";
import {Compared} from "./compared.js";
import {href} from "./route.js";

export function InsightsPage({model, route}) {
  const {insights} = model;
  return html`<main id="main" class="insights">
    <header class="page-head"><p class="crumbs"><a href=${href("overview")}>${model.run.name}</a></p><h1>Insights</h1></header>
    ${model.compared && html`<${Compared} compared=${model.compared} />`}
    <${Funnel} model=${model} />
    <${Survival} model=${model} />
    <${Origins} model=${model} route=${route} />
    ${
      insights.errors > 0 &&
      html`<${Gap} insights=${insights} />
      <${Profiles} profiles=${insights.profiles} />
      <${Categories} categories=${insights.categories} />
      <${Types} types=${insights.types} />
      <${HardTasks} tasks=${insights.tasks} errors=${model.task_errors} />`
    }
  </main>`;
}
