import { visible } from '../config/quoted.ts'
import type { Incident } from '../model/incident.ts'
import type { FlowReport } from '../model/report.ts'
import type { Gap } from '../model/sample.ts'
import { titleOf } from '../watch/incident/index.ts'
import type { IncidentNews } from '../watch/incidentLoop.ts'
import type { ConfirmedNews } from '../watch/news.ts'
import type { WatchEvent } from '../watch/watchEvent.ts'

/**
 * What is said of an event on a terminal, in one line.
 *
 * @returns undefined for what is told by another line
 */
export function lineOf(event: WatchEvent): string | undefined {
  switch (event.kind) {
    case 'failing':
      return `fails      ${titleOf(event.report)}: ${judged(event.report)}; it is asked again`
    case 'news':
      return newsLine(event.news)
    case 'gap':
      return `gap        ${gapWords(event.gap)}`
    case 'window-opened':
      return `window     ${event.window.name} is open: nobody is told of what it speaks of`
    case 'window-closed':
      return `window     ${event.window.name} is over`
    case 'skipped':
      return `skipped    ${event.slots} looks of the last minute, since earlier ones were not over: ${named(event.to)}`
    case 'history':
      return event.news.kind === 'cannot-write'
        ? `history    cannot be written, and what is seen is lost: ${event.news.why}`
        : `history    is written again; ${event.news.lostLooks} looks were lost`
    case 'cannot-tell':
      return `history    incidents cannot be kept, and are kept as soon as they can: ${visible(event.why)}`
    case 'look-failed':
      return `bug        a look ended in an error, please report it: ${visible(event.why)}`
    case 'cannot-tidy':
      return `history    cannot be tidied: ${event.why}`
    case 'tidied':
      return undefined
    default:
      return event satisfies never
  }
}

function newsLine(news: ConfirmedNews): string | undefined {
  switch (news.kind) {
    case 'went-bad':
      return `confirmed  ${titleOf(news.report)}: ${judged(news.report)} (${news.looks} looks since ${timeOf(news.since)})`
    case 'came-back':
      return `came back  ${titleOf(news.report)}`
    case 'changed-cause':
      return `changed    ${titleOf(news.report)}: ${judged(news.report)}, and not ${news.was ?? 'without a cause'} any more`
    case 'unsteady':
      return `lost       ${titleOf(news.report)}: ${news.looks} of ${news.looks + 1} looks in a row; it answers again`
    case 'unwatched':
      return `left       ${visible(news.subject)}: it is not watched any more`
    case 'sign-in-failed':
    case 'canary-late':
      return `confirmed  ${visible(news.title)}: ${news.told.cause}: ${visible(news.told.says)}`
    case 'sign-in-back':
    case 'canary-back':
      return `came back  ${visible(news.title)}`
    case 'time-finding':
    case 'burn-rate':
      return `found      ${visible(news.title)}: ${visible(news.says)}`
    case 'finding-over':
      return `over       ${visible(news.subject)}: ${news.code}`
    default:
      return news satisfies never
  }
}

function judged({ verdict, cause, says }: FlowReport): string {
  return visible(`${verdict}${cause === undefined ? '' : `, ${cause}`}: ${says}`)
}

const gapWhys: Readonly<Record<Gap['why'], string>> = {
  'not-running': 'nothing was looked at, since no watcher ran',
  suspended: 'nothing was looked at, since this machine slept',
  'clock-moved': 'the clock of this machine was set',
}

function gapWords({ from, to, why }: Gap): string {
  return `${dateOf(from)} to ${dateOf(to)}: ${gapWhys[why]}`
}

/** `2026-03-28 12:00:07Z`. */
function dateOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** `12:00:07Z`. */
export function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)}Z`
}

const mostNames = 5

function named(names: readonly string[]): string {
  const rest = names.length - mostNames
  return visible(`${names.slice(0, mostNames).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`)
}

/** Incidents that began or ended, a line each. */
export function incidentLines({ opened, closed, alerts }: IncidentNews): readonly string[] {
  return [
    ...opened.map((one) => `incident   ${idOf(one)} ${one.severity}: ${visible(one.says)}${fixOf(one)}`),
    ...alerts.map(
      ({ reason, incident }) =>
        `alert      ${idOf(incident)} ${reason}: ${visible(incident.says)} (${incident.consequences.length} flows)`,
    ),
    ...closed.map((one) =>
      one.mergedInto === undefined
        ? `over       ${idOf(one)} ${visible(one.says)}`
        : `joined     ${idOf(one)} is part of ${one.mergedInto.slice(0, 8)}`,
    ),
  ]
}

function fixOf({ fix }: Incident): string {
  return fix === undefined ? '' : `; ${visible(fix)}`
}

/** Enough of its id to know it again. */
function idOf({ id }: Pick<Incident, 'id'>): string {
  return id.slice(0, 8)
}
