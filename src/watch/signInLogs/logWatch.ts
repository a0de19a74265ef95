import type { HistoryStore } from '../../store/history/historyStore.ts'
import type { ConfirmedNews, FindingNews } from '../news.ts'
import type { ReadLog } from './graphLog.ts'
import type { Covered } from './joinSignIns.ts'
import { joinSignIns } from './joinSignIns.ts'
import { manyUnseen, unseenByGate, unseenByTenant } from './logFindings.ts'
import type { OwnSignIn } from './signInEntry.ts'

export interface SignInLogsSettings {
  readonly everyMs: number
  readonly latencyMs: number
  readonly toleranceMs: number
}

/** What this side knows of the time since `since`: of the gate's record, and of the watcher's own sign-ins. */
export type ReadOwn = (
  since: number,
  signal: AbortSignal,
) => Promise<{ readonly signIns: readonly OwnSignIn[]; readonly covers: Covered } | { readonly why: string }>

export interface LogWatchParts {
  readonly settings: SignInLogsSettings
  /** Client ids of the gate. */
  readonly apps: readonly string[]
  readonly readLog: ReadLog
  readonly readOwn: ReadOwn
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly store: Pick<HistoryStore, 'word' | 'keepWord'>
  /** Resolves when the news would outlive this process. */
  readonly onNews: (news: readonly ConfirmedNews[]) => Promise<void>
  /** Told when the log, or the record, cannot be read, and when it can again: one sentence without an end. */
  readonly onTrouble: (why: string | undefined) => void
}

/** How far back both sides are read each time: entries of a log come late, and in no order. */
const lookBackMs = 2 * 3_600_000
/** A finding of something that happened once is over when it is so old. */
const overAfterMs = 24 * 3_600_000
/** Findings of each kind that are told one by one at a time. */
const mostTold = 50
const word = 'sign-in-logs.told'
/** The longest single wait of a question. */
const timeoutMs = 30_000
const mostWaitMs = 3_600_000

type Code = Extract<FindingNews['code'], 'sign-in-unseen-by-gate' | 'sign-in-unseen-by-tenant'>

/** What was told and is not over. */
interface Told {
  readonly code: Code
  /** When it happened. */
  readonly at: number
  /** By what a sign-in of the log is known, or one of this side. */
  readonly id: string
}

/**
 * Reads the sign-in log of the tenant again and again and holds it against what the gate recorded. Nothing is accused before
 * both sides had their time; what comes later all the same ends the finding.
 */
export class SignInLogWatch {
  readonly #parts: LogWatchParts
  readonly #told: Map<string, Told>
  #isTroubled = false

  constructor(parts: LogWatchParts) {
    this.#parts = parts
    this.#told = toldIn(parts.store.word(word))
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { pause, settings } = this.#parts
    while (!signal.aborted) {
      let waitMs = 0
      try {
        waitMs = await this.look(signal)
      } catch (error) {
        if (!signal.aborted) this.#trouble(error instanceof Error ? error.message : 'unknown')
      }
      await pause(Math.max(settings.everyMs, Math.min(waitMs, mostWaitMs)), signal)
    }
  }

  /**
   * Looks once.
   *
   * @returns milliseconds for which the tenant asked to be left alone
   * @throws what cannot be kept: the next look says it again
   */
  async look(signal: AbortSignal): Promise<number> {
    const { settings, apps, readLog, readOwn, now } = this.#parts
    const { latencyMs, toleranceMs } = settings
    const since = now() - Math.max(lookBackMs, 4 * latencyMs) - toleranceMs
    const log = await readLog(since, { signal, timeoutMs })
    if (log.kind === 'aborted' || signal.aborted) return 0
    if (log.kind !== 'read') {
      this.#trouble(`the sign-in log of the tenant: ${log.says}`)
      return log.kind === 'wait' ? log.retryAfterMs : 0
    }
    // After the log: of what it tells the record knows by then.
    const own = await readOwn(since, signal)
    if (signal.aborted) return 0
    if ('why' in own) {
      this.#trouble(own.why)
      return 0
    }
    const at = now()
    const joined = joinSignIns({
      ...{ tenant: log.signIns, own: own.signIns, apps: new Set(apps), now: at, latencyMs, toleranceMs },
      ...{ tenantCovers: log.covers, ownCovers: own.covers },
    })
    const seen = new Set([...joined.tenant, ...joined.own].flatMap(([id, kind]) => (kind === 'unseen' ? [] : [id])))
    await this.#tell(
      [...joined.unseenByGate.map(unseenByGate), ...joined.unseenByTenant.map(unseenByTenant)],
      [...joined.unseenByGate, ...joined.unseenByTenant].map(({ id }) => id),
      seen,
      at,
    )
    this.#trouble(undefined)
    return 0
  }

  async #tell(
    found: readonly Omit<FindingNews, 'kind' | 'at'>[],
    ids: readonly string[],
    seen: ReadonlySet<string>,
    at: number,
  ): Promise<void> {
    const told = new Map(this.#told)
    const news: ConfirmedNews[] = []
    for (const [subject, { code, id, at: happened }] of told) {
      const isMore = id === ''
      if (!isMore && !seen.has(id) && at - happened < overAfterMs) continue
      if (isMore && at - happened < overAfterMs) continue
      news.push({ kind: 'finding-over', subject, code, at })
      told.delete(subject)
    }
    const more = new Map<Code, number>()
    for (const [index, one] of found.entries()) {
      const code = codeOf(one)
      if (told.has(one.subject) || at - one.since >= overAfterMs) continue
      const count = [...told.values()].filter((other) => other.code === code && other.id !== '').length
      if (count >= mostTold) {
        more.set(code, (more.get(code) ?? 0) + 1)
        continue
      }
      news.push({ kind: 'time-finding', at, ...one })
      told.set(one.subject, { code, at: one.since, id: ids[index] ?? '' })
    }
    for (const [code, count] of more) {
      const one = manyUnseen(code, count, at)
      if (told.has(one.subject)) continue
      news.push({ kind: 'time-finding', at, ...one })
      told.set(one.subject, { code, at, id: '' })
    }
    if (news.length === 0) return
    await this.#parts.onNews(news)
    this.#told.clear()
    for (const [subject, one] of told) this.#told.set(subject, one)
    await this.#parts.store.keepWord(word, JSON.stringify([...told]))
  }

  #trouble(why: string | undefined): void {
    const isTroubled = why !== undefined
    if (isTroubled !== this.#isTroubled) this.#parts.onTrouble(why)
    this.#isTroubled = isTroubled
  }
}

const codeOf = ({ code }: Pick<FindingNews, 'code'>): Code =>
  code === 'sign-in-unseen-by-tenant' ? code : 'sign-in-unseen-by-gate'

function toldIn(text: string | undefined): Map<string, Told> {
  try {
    return new Map(JSON.parse(text ?? '[]') as readonly (readonly [string, Told])[])
  } catch {
    return new Map()
  }
}
