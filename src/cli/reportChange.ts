import { isAsked } from '../check/isAsked.ts'
import type { LoadedSite } from '../config/index.ts'
import { quoted } from '../config/quoted.ts'
import { flowKey } from '../model/flow.ts'
import type { Mark } from '../model/sample.ts'
import { systemClock } from '../net/clock.ts'
import { planFlows } from '../plan/planFlows.ts'
import type { HistoryStore } from '../store/history/index.ts'
import { changeReport } from '../watch/change/index.ts'
import { titleOf } from '../watch/incident/index.ts'
import { pageFor } from './pageFor.ts'
import { changeFormats } from './render/index.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { WatchOptions } from './verbs/watch.ts'
import { version } from './version.ts'
import { historyOf } from './watchHistory.ts'

const dayMs = 86_400_000

/** `postern watch --change report NAME`: exit code 1 where something broke. */
export async function reportChange(
  name: string | undefined,
  options: Pick<WatchOptions, 'site' | 'json' | 'format'>,
  shell: Shell,
): Promise<number> {
  if (name === undefined) throw new UsageError('--change: name the change: postern watch --change report NAME')
  const loaded = await siteFrom(options.site, shell, false)
  const history = historyOf(loaded, { isReader: true })
  try {
    const now = systemClock.now()
    const { startedAt, endedAt } = timesOf(name, history, now)
    const subjects = subjectsOf(loaded, history, startedAt)
    const report = changeReport(history, { site: loaded.site.site, name, startedAt, endedAt, subjects }, now, version)
    const render = await changeFormats[options.json === true ? 'json' : (options.format ?? 'text')].load()
    shell.stdout.write(render(report, pageFor(shell, { color: true }, false)))
    return report.summary.broke > 0 ? exitCodes.findings : exitCodes.well
  } finally {
    history.close()
  }
}

/** What this machine is to look at by the site file, and what it looked at before the change. */
function subjectsOf(
  { site }: LoadedSite,
  history: Pick<HistoryStore, 'latest'>,
  startedAt: number,
): readonly { readonly subject: string; readonly title: string }[] {
  const seen = history.latest()
  const froms = new Set(seen.map(({ key }) => key.split('|')[1]))
  const planned = planFlows(site).filter(
    (flow) => froms.has(flow.from) && isAsked(flow) && flow.target.undialled === undefined,
  )
  const titles = new Map(planned.map((flow) => [flowKey(flow), titleOf(flow)]))
  for (const { key, at } of seen) if (!titles.has(key) && at >= startedAt - dayMs) titles.set(key, key)
  return [...titles].map(([subject, title]) => ({ subject, title }))
}

/** The last begin of a change that has an end, and that end. */
function timesOf(
  name: string,
  history: Pick<HistoryStore, 'marks'>,
  now: number,
): { readonly startedAt: number; readonly endedAt: number } {
  const marks = history.marks({ from: 0, to: now + 1 }).filter((mark) => mark.name === name)
  const begin = lastOf(marks, 'change-start')
  if (begin === undefined) {
    throw new UsageError(
      `--change: the history knows no begin of ${quoted(name)}; a watcher that runs takes marks up within seconds`,
    )
  }
  const end = lastOf(marks, 'change-end')
  if (end === undefined || end.at < begin.at) {
    throw new UsageError(`--change: ${quoted(name)} has not ended: postern watch --change end ${name}`)
  }
  return { startedAt: begin.at, endedAt: end.at }
}

function lastOf(marks: readonly Mark[], kind: Mark['kind']): Mark | undefined {
  return marks.findLast((mark) => mark.kind === kind)
}
