import type { Html } from './html.ts'
import { html } from './html.ts'
import type { Look } from './standing.ts'
import { lookOrder } from './standing.ts'

/**
 * A shape for each look, so that it is told without its colour: 16 by 16 units, in the colour of the text around it;
 * what is cut out of a filled shape has the class `cut`.
 */
const shapes: Readonly<Record<Look, Html>> = {
  forbidden: html`<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor"/><path class="cut" d="M8 4v5M8 11v1.4"/>`,
  wrong: html`<path d="M8 .6 15.4 8 8 15.4.6 8z" fill="currentColor"/><path class="cut" d="M5 6.6h6M5 9.6h6M9.6 4.6l-3.2 7"/>`,
  blocked: html`<rect x="1" y="1" width="14" height="14" rx="2" fill="currentColor"/><path class="cut" d="m4.8 4.8 6.4 6.4M11.2 4.8l-6.4 6.4"/>`,
  degraded: html`<path d="M8 1.2 15.4 14.6H.6z" fill="currentColor"/><path class="cut" d="M8 6v4.2M8 11.8v1.2"/>`,
  unknown: html`<circle class="line" cx="8" cy="8" r="6.6"/><path class="line" d="M5.9 6.4C5.9 3.6 10.2 3.7 10.1 6.3 10 8 8 7.8 8 9.6M8 11.2v1.2"/>`,
  open: html`<circle cx="8" cy="8" r="7.2" fill="currentColor"/><path class="cut" d="m4.6 8.4 2.4 2.4 4.4-5"/>`,
  closed: html`<circle class="line" cx="8" cy="8" r="6.6"/><path class="line" d="M4.6 8h6.8"/>`,
  'not-run': html`<circle class="line" cx="8" cy="8" r="6.4" stroke-dasharray="2.2 2.4"/>`,
  'not-required': html`<path class="line" d="M3 8h10"/>`,
}

/** All shapes once, to be used by {@link verdictMark}; shows nothing where it stands. */
export function verdictMarkDefinitions(): Html {
  return html`<svg class="definitions" aria-hidden="true" focusable="false" width="0" height="0">${lookOrder.map(
    (look) => html`<symbol id="mark-${look}" viewBox="0 0 16 16">${shapes[look]}</symbol>`,
  )}</svg>`
}

/** The shape of a look within a line of text; the word beside it says the same. */
export function verdictMark(look: Look): Html {
  return html`<svg class="mark" aria-hidden="true" focusable="false" viewBox="0 0 16 16"><use href="#mark-${look}"/></svg>`
}

/** The shape of a look within a picture, its upper left corner at `x` and `y`. */
export function placedMark(look: Look, x: number, y: number, size: number): Html {
  return html`<use class="look-${look}" href="#mark-${look}" x="${x}" y="${y}" width="${size}" height="${size}"/>`
}
