import { visible } from '../config/quoted.ts'
import type { Incident } from '../model/incident.ts'
import type { IncidentNews } from '../watch/incidentLoop.ts'
import type { Page } from './render/page.ts'
import type { Style } from './render/paint.ts'
import { paint } from './render/paint.ts'
import { wrapText } from './render/wrapText.ts'
import { timeOf } from './watchLines.ts'

/** Columns before the words: the time, and what kind of line it is. */
const margin = 21

interface Part {
  readonly text: string
  readonly style?: Style
}

/** What a line is, for the eye. */
const styles: Readonly<Record<string, Style>> = {
  incident: 'bad',
  worse: 'bad',
  over: 'good',
  broken: 'quiet',
  mended: 'quiet',
}

export type Terminal = Pick<Page, 'width' | 'colour'>

/** A line of the watched network, with what does not fit into it beneath. */
export function watchedLines(at: number, kind: string, parts: readonly Part[], { width, colour }: Terminal): string {
  const lines = parts.flatMap(({ text, style }) =>
    wrapText(visible(text), Math.max(20, width - margin)).map((line) => paint(line, style, colour)),
  )
  const front = `${timeOf(at)}  ${paint(kind, styles[kind], colour)}${' '.repeat(Math.max(1, margin - 11 - kind.length))}`
  return lines.map((line, index) => `${index === 0 ? front : ' '.repeat(margin)}${line}\n`).join('')
}

/** What somebody would be told of incidents: that one has begun, with all that suffers from it, and once that it is over. */
export function toldLines({ alerts }: Pick<IncidentNews, 'alerts'>, terminal: Terminal): string {
  return alerts
    .map(({ at, reason, incident }) => {
      switch (reason) {
        case 'opened':
          return watchedLines(at, 'incident', begunParts(incident), terminal)
        case 'worse':
          return watchedLines(at, 'worse', begunParts(incident), terminal)
        case 'recovered':
          return watchedLines(at, 'over', [{ text: overWords(incident) }], terminal)
        case 'reminder':
        case 'test':
          return ''
        default:
          return reason satisfies never
      }
    })
    .join('')
}

function begunParts(incident: Incident): readonly Part[] {
  const { says, fix, severity, owner, cause, finding } = incident
  const shared = countOf(incident) === 1 ? '' : ', one cause'
  return [
    { text: `${flowsOf(incident)}${shared}: ${finding ?? cause} (${severity}, ${owner})`, style: 'strong' },
    { text: says },
    ...(fix === undefined ? [] : [{ text: `fix: ${fix}`, style: 'strong' } as const]),
  ]
}

function overWords(incident: Incident): string {
  const { suspect, consequences, since } = incident
  const until = Math.max(...consequences.map((one) => one.until ?? since))
  const seconds = Math.max(1, Math.round((until - since) / 1000))
  return `${suspect.kind} ${nameOf(suspect)}: ${flowsOf(incident)} well again, after ${seconds} s`
}

/** A fingerprint by its begin, which is enough to know it again. */
function nameOf({ name }: Incident['suspect']): string {
  return /^[0-9a-f]{64}$/i.test(name) ? `${name.slice(0, 8)}…` : name
}

function countOf({ consequences, consequencesLeftOut = 0 }: Incident): number {
  return consequences.length + consequencesLeftOut
}

function flowsOf(incident: Incident): string {
  const count = countOf(incident)
  return `${count} flow${count === 1 ? '' : 's'}`
}
