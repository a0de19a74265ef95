import type { FlowReport } from '../../model/report.ts'
import type { Drawing } from './flowPicture.ts'
import { flowPicture } from './flowPicture.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { Look } from './standing.ts'
import { lookOf, lookOrder, looks } from './standing.ts'
import { placedMark } from './verdictMarks.ts'

const drawing: Drawing<Look, FlowReport> = {
  order: lookOrder,
  lookOf,
  colourOf: (look) => `look-${look}`,
  lineOf: (look) => looks[look].standing,
  wordOf: (look) => {
    const { standing, label } = looks[look]
    return standing === 'failed' || standing === 'doubtful' ? label : undefined
  },
  mark: placedMark,
  rest: 'without a failure',
}

/** Draws what a host reaches, by verdict: the way to a place is drawn by its worst port. */
export function checkPicture(flows: readonly FlowReport[]): readonly Html[] {
  return flowPicture(flows, drawing)
}

/** Every look that occurs, with its meaning. */
export function checkLegend(flows: readonly FlowReport[], mark: (look: Look) => Html): Html {
  const present = new Set(flows.map(lookOf))
  return html`<ul class="legend small">${lookOrder
    .filter((look) => present.has(look))
    .map(
      (look) =>
        html`<li><span class="badge look-${look}">${mark(look)}${looks[look].label}</span> <span class="quiet">${looks[look].means}</span></li>`,
    )}</ul>`
}
