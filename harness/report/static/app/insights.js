import {html} from "./html.js";
export function InsightsPage() { return html`<main id="main"><h1>Insights</h1></main>`; }
