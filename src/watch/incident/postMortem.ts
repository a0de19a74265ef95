import { duration } from '../../diagnose/wording.ts'
import type { Incident } from '../../model/incident.ts'
import type { Mark } from '../../model/sample.ts'

/**
 * What happened, to be kept and talked about: Markdown (CommonMark with tables) with the time line, what suffered, who was told
 * and what was done.
 *
 * @param marks what people did meanwhile; those between an hour before it began and its end are told
 */
export function postMortem(incident: Incident, marks: readonly Mark[]): string {
  const { suspect, cause, finding, severity, says, fix, owner, confidence, since, until, flaps, notes } = incident
  const state = until === undefined ? `${incident.state}, since ${timeText(since)}` : spanText(since, until)
  const facts: readonly (readonly [string, string])[] = [
    ['State', state],
    ['Cause', `${finding ?? cause} (${confidence})`],
    ['Blamed', `${suspect.kind} ${suspect.name}`],
    ...(incident.alternatives ?? []).map(({ kind, name }) => ['Or', `${kind} ${name}`] as const),
    ['Severity', severity],
    ['Owner', owner],
    ...(flaps === 0 ? [] : [['Came back', `${flaps} ${flaps === 1 ? 'time' : 'times'}`] as const]),
    ['Confirmed', confirmedText(incident)],
    ...(incident.mergedInto === undefined ? [] : [['Part of', incident.mergedInto] as const]),
    ['Id', incident.id],
  ]
  return [
    `# ${plain(`${suspect.kind} ${suspect.name}: ${finding ?? cause}`)}`,
    plain(says),
    table(['', ''], facts),
    ...section('What happened', timeLine(incident, marks)),
    ...section('What suffered', consequencesOf(incident)),
    ...section('Who was told', toldOf(incident)),
    ...section('What was to be done', fix === undefined ? [] : [plain(fix)]),
    ...section(
      'Notes',
      notes.map(({ at, by, text }) => `- ${timeText(at)}, ${plain(by)}: ${plain(text)}`),
    ),
  ]
    .join('\n\n')
    .concat('\n')
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.join('\n')]
}

function confirmedText({ confirmedBy: { looks, vantages } }: Incident): string {
  const also = vantages.length === 0 ? '' : `; also seen from ${vantages.join(', ')}`
  return `${looks} ${looks === 1 ? 'look' : 'looks'} in a row that failed${also}`
}

interface Entry {
  readonly at: number
  readonly text: string
}

/** What people did in the hour before is what one asks about first. */
const beforeMs = 60 * 60_000

function timeLine(incident: Incident, marks: readonly Mark[]): readonly string[] {
  const { since, confirmedAt, until, told = [], acknowledged, consequences } = incident
  const last = until ?? Number.POSITIVE_INFINITY
  const entries: readonly Entry[] = [
    ...marks
      .filter(({ at }) => at >= since - beforeMs && at <= last)
      .map(({ at, kind, name }) => ({ at, text: `${kind.replace('-', ' ')}: ${name}` })),
    { at: confirmedAt, text: 'it was sure' },
    ...consequences.flatMap((one): readonly Entry[] => [
      { at: one.since, text: `${one.title} began to fail: ${one.finding ?? one.cause}` },
      ...(one.until === undefined ? [] : [{ at: one.until, text: `${one.title} ${endOf(one.ended)}` }]),
    ]),
    ...told.map(({ at, reason, severity, suspect }) => ({
      at,
      text: `told: ${reason}, ${severity}, ${suspect.kind} ${suspect.name}`,
    })),
    ...(acknowledged === undefined ? [] : [{ at: acknowledged.at, text: `acknowledged by ${acknowledged.by}` }]),
    ...(until === undefined ? [] : [{ at: until, text: `nothing failed any more, after ${duration(until - since)}` }]),
  ]
  return entries.toSorted((one, other) => one.at - other.at).map(({ at, text }) => `- ${timeText(at)} ${plain(text)}`)
}

function endOf(ended: Incident['consequences'][number]['ended']): string {
  switch (ended) {
    case undefined:
      return 'was well again'
    case 'unwatched':
      return 'was looked at no more'
    case 'other-cause':
      return 'failed by another cause from then on'
    default:
      return ended satisfies never
  }
}

function consequencesOf({ consequences, consequencesLeftOut = 0 }: Incident): readonly string[] {
  const rows = consequences
    .toSorted((one, other) => one.since - other.since)
    .map(({ title, since, until, cause, finding, says }) => [
      title,
      timeText(since),
      until === undefined ? 'not over' : duration(until - since),
      finding ?? cause,
      says,
    ])
  const more = consequencesLeftOut === 0 ? [] : ['', `${consequencesLeftOut} more are not listed.`]
  return rows.length === 0 ? [] : [table(['What', 'From', 'For', 'Cause', 'What it said'], rows), ...more]
}

function toldOf({ told = [] }: Incident): readonly string[] {
  return told.map(
    ({ at, reason, to }) =>
      `- ${timeText(at)} ${reason}: ${to.length === 0 ? 'nobody takes it' : plain(to.join(', '))}`,
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |`
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/** Text from outside as text: what Markdown and HTML would take for theirs is escaped, line ends are spaces. */
function plain(text: string): string {
  return text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll(/[\\`*_[\]<>|#]/g, (mark) => `\\${mark}`)
    .trim()
}

/** `2026-11-21 09:03:12 UTC`. */
function timeText(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime())
    ? String(at)
    : date
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, ' UTC')
}

function spanText(from: number, to: number): string {
  return `${timeText(from)} to ${timeText(to)} (${duration(to - from)})`
}
