import { flowKey } from '../../model/flow.ts'
import type { Observation } from '../../model/observation.ts'
import type { FlowReport } from '../../model/report.ts'
import { countOf, dialledOf, durationOf, portOf } from './flowWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { roleWords, stepOf } from './observationWords.ts'
import { standingOf } from './standing.ts'

/**
 * What was seen of one flow, step by step, and what the answers gave away; folded until it is asked for. Its steps have
 * the id `evidence-` and the number, so that a link to them unfolds it.
 *
 * @param startedAt when the check began: each step says how long after that it began
 */
export function evidenceHtml(flow: FlowReport, number: number, startedAt: string): Html | undefined {
  const learnt = Object.entries(flow.learnt)
  if (flow.evidence.length === 0 && learnt.length === 0) return undefined
  const decided = new Set(flow.decidedBy)
  const steps = flow.evidence.map((seen) => step(seen, decided.has(seen.id), startedAt))
  const folded = steps.length === 0 ? 'What was learnt' : `Evidence, ${countOf(steps.length, 'step')}`
  const standing = standingOf(flow)
  const telling = standing === 'failed' || standing === 'doubtful'
  return html`<details${telling ? html` class="telling"` : undefined}><summary data-flow="${flowKey(flow)}">${folded}<span class="hidden">, of ${portOf(flow.target)} ${dialledOf(flow.target)}</span></summary>${
    steps.length === 0 ? undefined : html`<ol class="steps small" id="evidence-${number}">${steps}</ol>`
  }${
    learnt.length === 0
      ? undefined
      : html`<p class="small">Learnt: ${learnt.map(([name, value], at) => html`${at === 0 ? '' : '; '}${name} <code>${wordsOf(value)}</code>`)}</p>`
  }</details>`
}

function step(seen: Observation, decided: boolean, startedAt: string): Html {
  const { did, came, particulars } = stepOf(seen)
  return html`<li><span class="quiet">${roleWords(seen)}${after(seen.at, startedAt)}:</span> ${did}: <span class="decided">${came}</span> <span class="quiet">${durationOf(seen.ms)}</span>${decided ? html` <strong>This decided.</strong>` : undefined}${
    particulars.length === 0
      ? undefined
      : html`<ul class="particulars quiet">${particulars.map((text) => html`<li>${text}</li>`)}</ul>`
  }</li>`
}

function after(at: string, startedAt: string): string {
  const ms = Date.parse(at) - Date.parse(startedAt)
  return Number.isFinite(ms) && ms >= 0 ? `, after ${durationOf(ms)}` : ''
}

function wordsOf(value: FlowReport['learnt'][string]): string {
  return typeof value === 'object' ? value.join(', ') : String(value)
}
