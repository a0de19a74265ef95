import { setImmediate as nextTurn } from 'node:timers/promises'
import { quoted, visible } from '../config/quoted.ts'
import { rejudgeFlow } from '../diagnose/index.ts'
import type { RejudgedLook, RejudgeReport, ToldVerdict } from '../model/rejudgeReport.ts'
import type { FlowReport, JudgementContext } from '../model/report.ts'
import { systemClock } from '../net/clock.ts'
import type { KeptFailure } from '../store/history/index.ts'
import { titleOf } from '../watch/incident/index.ts'
import { json } from './render/json.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { WatchOptions } from './verbs/watch.ts'
import { version } from './version.ts'
import { historyOf } from './watchHistory.ts'

/** Changes that are told one by one. */
const mostTold = 10_000
/** Between them it is heard that somebody ends it. */
const judgedAtOnce = 50

/** `postern watch --rejudge SINCE`: failures that were kept whole, as today's rules understand them. */
export async function rejudgeHistory(
  since: string,
  options: Pick<WatchOptions, 'site' | 'json'>,
  shell: Shell,
): Promise<number> {
  const now = systemClock.now()
  const from = sinceOf(since, now)
  const loaded = await siteFrom(options.site, shell, false)
  const history = historyOf(loaded, { isReader: true })
  try {
    const judged = await judgeAgain(history.failures({ from, to: now + 1 }), shell.signal)
    if (shell.signal.aborted) return exitCodes.interrupted
    const report: RejudgeReport = {
      postern: version,
      kind: 'rejudge',
      site: loaded.site.site,
      since: new Date(from).toISOString(),
      ...judged,
    }
    shell.stdout.write(options.json === true ? json(report) : rejudgeText(report))
  } finally {
    history.close()
  }
  return exitCodes.well
}

/** Judges failures by today's rules until there are none, or the signal aborts. */
export async function judgeAgain(
  failures: Iterable<KeptFailure>,
  signal: AbortSignal,
): Promise<Pick<RejudgeReport, 'summary' | 'changes'>> {
  const changes: RejudgedLook[] = []
  const summary = { looks: 0, changed: 0 }
  for (const failure of failures) {
    if (signal.aborted) break
    summary.looks += 1
    if (summary.looks % judgedAtOnce === 0) await nextTurn()
    const after = rejudgeFlow(failure.report, contextOf(failure))
    const { report: before } = failure
    if (before.verdict === after.verdict && before.cause === after.cause) continue
    summary.changed += 1
    if (changes.length >= mostTold) continue
    changes.push({
      key: failure.key,
      title: titleOf(before),
      at: new Date(failure.at).toISOString(),
      before: toldOf(before),
      after: toldOf(after),
    })
  }
  return { summary, changes }
}

/** What was known when the look was made; no date but its own counts. */
function contextOf({ at, context }: KeptFailure): JudgementContext {
  return { cloud: 'worldwide', trusted: [], names: {}, ...context, judgedAt: new Date(at).toISOString() }
}

function toldOf({ verdict, cause, confidence, says }: FlowReport): ToldVerdict {
  return { verdict, ...(cause !== undefined && { cause }), confidence, says }
}

function rejudgeText({ since, summary: { looks, changed }, changes }: RejudgeReport): string {
  const rows = changes.map(
    ({ at, title, before, after }) =>
      `${at.slice(0, 19).replace('T', ' ')}Z  ${title}\n    was ${wordsOf(before)}\n    now ${wordsOf(after)}\n`,
  )
  const left = changed - changes.length
  return visibleLines(
    [
      `${looks} looks that failed since ${since.slice(0, 19).replace('T', ' ')}Z were judged again: ${changed} come to something else.\n`,
      ...rows,
      ...(left > 0 ? [`and ${left} more\n`] : []),
    ].join(''),
  )
}

function wordsOf({ verdict, cause, says }: ToldVerdict): string {
  return `${verdict}${cause === undefined ? '' : `, ${cause}`}: ${says}`
}

function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `36h`, `14d`, a date, or a time (ISO 8601) with its zone. */
function sinceOf(text: string, now: number): number {
  const ago = /^(\d{1,5})([mhdw])$/.exec(text)
  if (ago !== null) return now - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0)
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  const at = isTime ? Date.parse(text) : Number.NaN
  if (Number.isFinite(at)) return at
  throw new UsageError(
    `--rejudge: ${quoted(text)} is no time, write one such as 36h, 14d, 2026-03-28 or 2026-03-28T12:00Z`,
  )
}
