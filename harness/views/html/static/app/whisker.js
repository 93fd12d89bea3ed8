// A share with its interval, on a line from 0 to 1.
import {html} from "./html.js";
import {interval, percent} from "./format.js";

export function Whisker({rate, width = 120, height = 14, tone = ""}) {
  if (rate?.share == null) return html`<span class="quiet">–</span>`;
  const pad = 5;
  const x = (share) => pad + share * (width - 2 * pad);
  const y = height / 2;
  return html`<svg class=${`whisker ${tone}`} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img"
    aria-label=${`${percent(rate.share)}, 95 % interval ${interval(rate)}`}>
    <title>${percent(rate.share)} (95 % interval ${interval(rate)})</title>
    <line x1=${x(0)} x2=${x(1)} y1=${y} y2=${y} class="rail" />
    <line x1=${x(rate.low)} x2=${x(rate.high)} y1=${y} y2=${y} class="reach" />
    <circle cx=${x(rate.share)} cy=${y} r=${height > 11 ? 4 : 3} />
  </svg>`;
}

export function Figure({rate}) {
  if (!rate?.trials) return html`<span class="quiet">–</span>`;
  return html`<span class="figure"><b>${rate.hits}</b><span class="of">/${rate.trials}</span></span>`;
}
