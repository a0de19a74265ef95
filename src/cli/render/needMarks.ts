import type { Html } from './html.ts'
import { html } from './html.ts'
import type { Need } from './needs.ts'
import { needOrder } from './needs.ts'

/** A shape for each need, so that it is told without its colour: drawn as those of the verdicts are, and none of them. */
const shapes: Readonly<Record<Need, Html>> = {
  required: html`<path d="M1.2 4.6h7V1.4L15.2 8l-7 6.6v-3.2h-7z" fill="currentColor"/>`,
  conditional: html`<path class="line" d="M1.8 5.2h6.8V2.4L14.4 8l-5.8 5.6v-2.8H1.8z" stroke-dasharray="2 1.8"/>`,
  recommended: html`<path class="line" d="M1.8 5.2h6.8V2.4L14.4 8l-5.8 5.6v-2.8H1.8z"/>`,
  optional: html`<path class="line" d="M2 8h11M9 3.6 13.6 8 9 12.4"/>`,
  legacy: html`<path class="line" d="M2 8h11M9 3.6 13.6 8 9 12.4" stroke-dasharray="2 2"/>`,
  'local-only': html`<rect class="line" x="2.4" y="2.4" width="11.2" height="11.2" rx="2"/>`,
  'not-required': html`<path class="line" d="M3 8h10"/>`,
  closed: html`<path class="line" d="M2 8h7M10.4 2.4v11.2M13.6 2.4v11.2"/>`,
}

/** All shapes once, to be used by {@link needMark}; shows nothing where it stands. */
export function needMarkDefinitions(): Html {
  return html`<svg class="definitions" aria-hidden="true" focusable="false" width="0" height="0">${needOrder.map(
    (need) => html`<symbol id="mark-${need}" viewBox="0 0 16 16">${shapes[need]}</symbol>`,
  )}</svg>`
}

/** The shape of a need within a line of text; the word beside it says the same. */
export function needMark(need: Need): Html {
  return html`<svg class="mark" aria-hidden="true" focusable="false" viewBox="0 0 16 16"><use href="#mark-${need}"/></svg>`
}

/** The shape of a need within a picture, its upper left corner at `x` and `y`. */
export function placedNeedMark(need: Need, x: number, y: number, size: number): Html {
  return html`<use class="need-${need}" href="#mark-${need}" x="${x}" y="${y}" width="${size}" height="${size}"/>`
}
