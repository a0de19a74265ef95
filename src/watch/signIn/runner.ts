import type { SyntheticSignIn } from '../../model/watch.ts'
import type { HistoryStore } from '../../store/history/historyStore.ts'
import type { KnownFailure } from '../flowStates.ts'
import type { ConfirmedNews, Told } from '../news.ts'
import { NewsQueue } from '../newsQueue.ts'
import type { PulseClock, Target } from '../schedule/index.ts'
import { Pulse, Schedule } from '../schedule/index.ts'
import type { FlowState } from '../stepOf.ts'
import { stepOf } from '../stepOf.ts'
import { keyStep, readKeyMemory } from './publishedKeys.ts'
import type { SignInLook, SignInMeans } from './signInKind.ts'
import { subjectOf } from './signInKind.ts'
import { signInKinds } from './signInKinds.ts'
import { toldOf } from './toldFailures.ts'

/** What is signed in to, and how. */
export interface SignInsWatched {
  readonly signIns: readonly SyntheticSignIn[]
  readonly means: SignInMeans
  /** Sign-ins that must fail again, within ten seconds, before a failure counts. */
  readonly confirmations: number
}

/** What happens, for whoever looks on. */
export type SignInEvent =
  /** It failed, and is repeated before that counts. */
  | { readonly kind: 'failing'; readonly name: string; readonly says: string }
  /** The tenant asked for patience: the next one is no earlier. */
  | { readonly kind: 'put-off'; readonly name: string; readonly says: string; readonly until: number }
  /** Postern does not do it, and does not try again until the site file changes. */
  | { readonly kind: 'not-done'; readonly name: string; readonly says: string }
  | { readonly kind: 'news'; readonly news: ConfirmedNews }
  | { readonly kind: 'trouble'; readonly why: string }

export interface SignInParts {
  readonly clock: PulseClock
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** From 0 to below 1. */
  readonly random: () => number
  readonly store: Pick<HistoryStore, 'write' | 'word' | 'keepWord'>
  /** Resolves when the news would outlive this process; they come again until it does. */
  readonly onNews: (news: readonly ConfirmedNews[]) => Promise<void>
  readonly onEvent: (event: SignInEvent) => void
  /** Failures that were told before this process began, by their subjects. */
  readonly known?: ReadonlyMap<string, KnownFailure>
}

const beatMs = 1000
const confirmWithinMs = 8000
/** Of waits: discovery, keys, pages and token, each with a name, a connection and a handshake before it. */
const mostWaits = 12
const atOnce = 8

/** Of one sign-in, from look to look. */
interface Standing {
  state: FlowState
  /** Milliseconds since 1970. */
  notBefore: number
  isRefused: boolean
}

/** Signs in again and again, in slots of its own, keeps what each step took, and says what is sure. */
export class SignInRunner {
  readonly #parts: SignInParts
  readonly #schedule: Schedule
  readonly #news: NewsQueue
  readonly #standings = new Map<string, Standing>()
  readonly #looks = new Set<Promise<void>>()
  #watched: SignInsWatched
  #epoch = 0

  constructor(watched: SignInsWatched, parts: SignInParts) {
    this.#watched = watched
    this.#parts = parts
    const seed = parts.store.word('watch.seed') ?? ''
    this.#schedule = new Schedule({ seed, concurrency: atOnce, random: parts.random })
    this.#news = new NewsQueue(parts.onNews, (why) => parts.onEvent({ kind: 'trouble', why }))
    for (const [subject, { since, cause }] of parts.known ?? []) {
      if (!subject.startsWith('sign-in:')) continue
      const state: FlowState = { kind: 'bad', since, looks: 1, cause }
      this.#standings.set(subject, { state, notBefore: 0, isRefused: false })
    }
    this.#take()
  }

  /** Sign-ins that fail, and those that Postern does not do. */
  get counts(): { readonly signIns: number; readonly bad: number; readonly notDone: number } {
    const all = [...this.#standings.values()]
    return {
      signIns: this.#watched.signIns.length,
      bad: all.filter(({ state }) => state.kind === 'bad').length,
      notDone: all.filter(({ isRefused }) => isRefused).length,
    }
  }

  /** Another site file: what stays keeps its place and its state; what was not done is tried once more. */
  reload(watched: SignInsWatched): void {
    this.#watched = watched
    for (const standing of this.#standings.values()) standing.isRefused = false
    this.#take()
  }

  /** Signs in until the signal aborts, and ends when everything is written. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, pause } = this.#parts
    const pulse = new Pulse(clock)
    while (!signal.aborted) {
      const now = clock.now()
      const { take } = this.#schedule.due(now)
      for (const target of take) {
        const look = this.#lookAt(target, signal).finally(() => this.#looks.delete(look))
        this.#looks.add(look)
      }
      void this.#news.hand()
      const ms = beatMs - (now % beatMs) + 5
      await pause(ms, signal)
      if (pulse.beat(ms) !== undefined && !signal.aborted) {
        // What was under way while this machine slept says nothing.
        this.#epoch += 1
        this.#schedule.restart(clock.now())
      }
    }
    await Promise.all(this.#looks)
    await this.#news.hand()
  }

  #take(): void {
    const now = this.#parts.clock.now()
    const targets = this.#watched.signIns.map(({ name, everySeconds }) => ({
      key: subjectOf(name),
      to: name,
      everyMs: everySeconds * 1000,
      flows: [],
    }))
    this.#schedule.set(targets, now)
    const wanted = new Set(targets.map(({ key }) => key))
    for (const [subject, { state }] of this.#standings) {
      if (wanted.has(subject)) continue
      this.#standings.delete(subject)
      if (state.kind === 'bad') this.#news.push([{ kind: 'unwatched', subject, at: now }])
    }
  }

  async #lookAt(target: Target, signal: AbortSignal): Promise<void> {
    const { onEvent, clock } = this.#parts
    const epoch = this.#epoch
    const { signIns, means } = this.#watched
    const signIn = signIns.find(({ name }) => name === target.to)
    const standing = this.#standingOf(target.key)
    try {
      if (signIn === undefined || standing.isRefused || clock.now() < standing.notBefore) return
      const patience = AbortSignal.timeout(means.timeoutMs * mostWaits)
      const limits = { signal: AbortSignal.any([signal, patience]), timeoutMs: means.timeoutMs }
      const look = endedBy(patience, await signInKinds[signIn.kind].look(signIn, means, limits))
      if (signal.aborted || epoch !== this.#epoch || this.#standings.get(target.key) !== standing) return
      await this.#keep(look)
      this.#weigh(signIn, standing, look)
    } catch (error) {
      if (!signal.aborted) onEvent({ kind: 'trouble', why: error instanceof Error ? error.message : 'unknown' })
    } finally {
      this.#schedule.ended(target)
      void this.#news.hand()
    }
  }

  #standingOf(subject: string): Standing {
    const known = this.#standings.get(subject)
    if (known !== undefined) return known
    const standing: Standing = { state: { kind: 'well' }, notBefore: 0, isRefused: false }
    this.#standings.set(subject, standing)
    return standing
  }

  #weigh(signIn: SyntheticSignIn, standing: Standing, { at, outcome }: SignInLook): void {
    const { onEvent, clock } = this.#parts
    const { name } = signIn
    switch (outcome.kind) {
      case 'aborted':
        return
      case 'refused':
        standing.isRefused = true
        onEvent({ kind: 'not-done', name, says: outcome.says })
        return
      case 'throttled':
        this.#putOff(signIn, standing, outcome)
        return
      case 'failed':
      case 'well': {
        const told = outcome.kind === 'failed' ? outcome.told : undefined
        const { state, news, asksAgain } = stepOf(
          standing.state,
          { at, isWell: told === undefined, cause: told?.cause },
          this.#watched.confirmations,
        )
        if (told !== undefined && standing.state.kind === 'well') onEvent({ kind: 'failing', name, says: told.says })
        standing.state = state
        const now = clock.now()
        const waitMs = outcome.kind === 'failed' ? (outcome.retryAfterMs ?? 0) : 0
        if (waitMs > 0) standing.notBefore = now + waitMs
        const nextMs = Math.max(waitMs, confirmWithinMs / Math.max(1, this.#watched.confirmations))
        if (asksAgain) this.#schedule.callAgain(subjectOf(name), now + nextMs, now)
        this.#tell(newsOf(signIn, at, news, told))
        return
      }
      default:
        outcome satisfies never
    }
  }

  /** It is asked again when that is wanted, and not in the slots before. */
  #putOff(
    { name }: SyntheticSignIn,
    standing: Standing,
    { says, retryAfterMs }: { readonly says: string; readonly retryAfterMs: number },
  ): void {
    const now = this.#parts.clock.now()
    standing.notBefore = now + retryAfterMs
    this.#schedule.callAgain(subjectOf(name), standing.notBefore + beatMs, now)
    this.#parts.onEvent({ kind: 'put-off', name, says, until: standing.notBefore })
  }

  async #keep({ at, readings, keys, signedBy }: SignInLook): Promise<void> {
    const { store } = this.#parts
    if (readings.length > 0) await store.write({ readings })
    if (keys === undefined) return
    const { authority, tenant } = this.#watched.means
    const subject = `keys:${authority.host}/${tenant}`
    const before = readKeyMemory(store.word(subject))
    const { memory, news } = keyStep(before, { at, keys, ...(signedBy !== undefined && { signedBy }) })
    await store.keepWord(subject, JSON.stringify(memory))
    if (news === undefined) return
    const code = 'answer-changed'
    if (news === 'over') this.#tell({ kind: 'finding-over', subject, code, at })
    else {
      const title = `signing keys of ${tenant}`
      const suspect = { kind: 'destination', name: authority.host } as const
      this.#tell({ kind: 'time-finding', subject, title, code, at, since: at, suspect, ...news })
    }
  }

  #tell(news: ConfirmedNews | undefined): void {
    if (news === undefined) return
    this.#news.push([news])
    this.#parts.onEvent({ kind: 'news', news })
  }
}

/** What took all of its time was not ended by anybody: it is too slow. */
function endedBy(patience: AbortSignal, look: SignInLook): SignInLook {
  if (look.outcome.kind !== 'aborted' || !patience.aborted) return look
  const told = toldOf('silent-service', 'the sign-in did not come to its end in time')
  return { ...look, outcome: { kind: 'failed', told } }
}

function newsOf(
  { name, kind }: SyntheticSignIn,
  at: number,
  news: ReturnType<typeof stepOf>['news'],
  told: Told | undefined,
): ConfirmedNews | undefined {
  const of = { subject: subjectOf(name), title: `sign-in ${name} (${kind})`, at }
  switch (news?.kind) {
    case undefined:
    case 'unsteady':
      return undefined
    case 'came-back':
      return { ...of, kind: 'sign-in-back' }
    case 'went-bad':
      return told && { ...of, kind: 'sign-in-failed', since: news.since, looks: news.looks, told }
    case 'changed-cause':
      return told && { ...of, kind: 'sign-in-failed', since: at, looks: 2, told }
    default:
      return news satisfies never
  }
}
