import { setTimeout as pause } from 'node:timers/promises'
import { isLocal } from '../diagnose/neighbours.ts'
import { isOwnRule } from '../diagnose/platformWords.ts'
import type { Observation, PathTrace } from '../model/observation.ts'
import type { TracesTold } from '../model/report.ts'
import type { Limits } from '../net/net.ts'
import type { Traced, TraceFailure, TraceQuestion } from '../net/tracePath.ts'
import type { Question } from '../probes/probe.ts'
import type { Ledger } from './ledger.ts'

/** Traces the path to a place by a tool of the platform, in one wait at most. */
export type TracePath = (question: TraceQuestion, limits: Limits) => Promise<Traced>

/** Paths that are traced in one check. */
export const mostTraces = 8
/** Of these to one address: two tell whether packets for every port end at the same hop, or those for one. */
const mostOfAddress = 2
/** Asked at an address of which no other port is known. */
export const usualPorts = [443, 80] as const
/** What grows silent together is chosen from together, in milliseconds. */
const gatherMs = 20

/** A path that is traced, or was. */
interface Asked {
  readonly place: TraceQuestion
  readonly stop: AbortController
}

/** Paths to what stays silent: which are traced, and what came of it. */
export class Traces {
  readonly #trace: TracePath | undefined
  readonly #ledger: Ledger
  /** A port of each address that accepted a connection. */
  readonly #open = new Map<string, number>()
  /** The silent places of each address. */
  readonly #silent = new Map<string, Set<string>>()
  #gathered: TraceQuestion[] = []
  #choosing: Promise<void> | undefined
  #asked: Asked[] = []
  readonly #made: Promise<void>[] = []
  #seen: PathTrace[] = []
  /** Of those seen the ones that are evidence of a flow. */
  readonly #kept = new Set<string>()
  #isWanted = false
  readonly #failures: TraceFailure[] = []

  /** @param trace absent: no path is traced, and nothing is said of it */
  constructor(trace: TracePath | undefined, ledger: Ledger) {
    this.#trace = trace
    this.#ledger = ledger
  }

  /** What came of them; nothing where none was to be traced. */
  get told(): TracesTold | undefined {
    const failure = this.#failures.find(({ kind }) => kind !== 'aborted')
    if (this.#kept.size === 0 && (failure === undefined || !this.#isWanted)) return undefined
    const { why, remedy } = failure ?? {}
    return {
      traced: this.#kept.size,
      ...(why !== undefined && { why }),
      ...(remedy !== undefined && { remedy }),
    }
  }

  /**
   * Takes note of what a question came to: the path to what answers is what that of a silent port of the same address is
   * held against. Where nothing of an address is silent any more, its paths make room for others.
   */
  heard(question: Question, observations: readonly Observation[]): void {
    for (const one of observations) {
      if (one.kind !== 'tcp-connect' || one.outcome !== 'connected' || one.proxy !== undefined) continue
      if (!this.#open.has(one.address)) this.#open.set(one.address, one.port)
    }
    const { address, port, transport } = question
    const key = keyOf({ address, port, transport })
    const silent = this.#silent.get(address)
    const lost = silentPlaceOf(question, observations)
    if (silent === undefined || (lost !== undefined && keyOf(lost) === key)) return
    silent.delete(key)
    if (silent.size === 0) this.#leave(address)
  }

  /** Has the path to a place traced that stays silent, should it be among the first. */
  silent(place: TraceQuestion | undefined, limits: Limits): void {
    if (this.#trace === undefined || place === undefined || isLocal(place.address)) return
    const key = keyOf(place)
    const silent = this.#silent.get(place.address) ?? new Set()
    this.#silent.set(place.address, silent.add(key))
    if (this.#isAsked(key) || this.#gathered.some((one) => keyOf(one) === key)) return
    this.#gathered.push(place)
    this.#choosing ??= pause(gatherMs, undefined, { signal: limits.signal })
      .then(() => this.#choose(limits))
      .catch(() => {})
  }

  /** What was seen of the paths to the address of a place: of its own one, and of another port's. */
  async at(place: TraceQuestion | undefined): Promise<readonly PathTrace[]> {
    if (place === undefined) return []
    this.#isWanted = true
    await this.#choosing
    await Promise.all(this.#made)
    const seen = this.#seen.filter(({ address }) => address === place.address)
    for (const { id } of seen) this.#kept.add(id)
    return seen.map((one): PathTrace => {
      if (one.port === undefined || isOf(one, place)) return one
      const { varies: _, ...rest } = one
      return { ...rest, role: 'context' }
    })
  }

  /** Nothing of what is still traced is waited for any more. */
  end(): void {
    for (const { stop } of this.#asked) stop.abort()
  }

  /** Gives back what was taken for an address. */
  #leave(address: string): void {
    this.#silent.delete(address)
    this.#gathered = this.#gathered.filter((place) => place.address !== address)
    for (const { place, stop } of this.#asked) if (place.address === address) stop.abort()
    this.#asked = this.#asked.filter(({ place }) => place.address !== address)
    this.#seen = this.#seen.filter((one) => one.address !== address)
  }

  #isAsked(key: string): boolean {
    return this.#asked.some(({ place }) => keyOf(place) === key)
  }

  #choose(limits: Limits): void {
    this.#choosing = undefined
    const places = this.#gathered
    this.#gathered = []
    const countAt = (address: string): number => this.#asked.filter(({ place }) => place.address === address).length
    for (const place of places) if (countAt(place.address) === 0) this.#ask(place, limits)
    for (const { address } of places) {
      const open = this.#open.get(address)
      const compared: readonly TraceQuestion[] = [
        ...(open === undefined ? [] : [{ address, port: open, transport: 'tcp' } as const]),
        ...places.filter((one) => one.address === address),
        // As when a control knocks elsewhere: ports that most hosts have something to say on.
        ...usualPorts.map((port) => ({ address, port, transport: 'tcp' }) as const),
      ]
      const next = compared.find((one) => !this.#isAsked(keyOf(one)))
      if (next !== undefined && countAt(address) < mostOfAddress) this.#ask(next, limits)
    }
  }

  #ask(place: TraceQuestion, limits: Limits): void {
    if (this.#trace === undefined || this.#asked.length >= mostTraces) return
    const asked = { place, stop: new AbortController() }
    this.#asked.push(asked)
    const signal = AbortSignal.any([limits.signal, asked.stop.signal])
    this.#made.push(
      this.#trace(place, { ...limits, signal }).then(
        (traced) => this.#keep(asked, traced),
        (error) => this.#keep(asked, unforeseen(error)),
      ),
    )
  }

  #keep(asked: Asked, traced: Traced): void {
    // What was given back meanwhile is nobody's.
    if (!this.#asked.includes(asked)) return
    if (traced.kind !== 'traced') {
      this.#failures.push(traced)
      return
    }
    const { seen } = traced
    // A tool that asks no port says the same of every one.
    if (seen.port === undefined && this.#seen.some(({ address }) => address === seen.address)) return
    const filed = this.#ledger.page([], 'control', 'time-to-live')(seen)
    if (filed.kind === 'path-trace') this.#seen.push(filed)
  }
}

/** What its author did not foresee. */
function unforeseen(error: unknown): TraceFailure {
  const why = `the trace of Postern failed: ${error instanceof Error ? error.message : String(error)}`
  return { kind: 'no-means', why }
}

const keyOf = ({ address, port, transport }: TraceQuestion): string => `${transport} ${port} ${address}`

function isOf({ sent, port }: PathTrace, place: TraceQuestion): boolean {
  return port === place.port && (sent === 'udp') === (place.transport === 'udp')
}

/**
 * The place of a question that ended in silence, or in somebody's word that it goes no further: the question's own, or a
 * port that it was led to. Undefined where something was heard there, or a proxy stands between.
 */
export function silentPlaceOf(
  question: Question | undefined,
  observations: readonly Observation[],
): TraceQuestion | undefined {
  if (question === undefined || question.via !== undefined) return undefined
  const { address } = question
  const tried = observations.flatMap((one): readonly Tried[] => {
    if (one.role !== 'probe' && one.role !== 'repeat') return []
    if (one.kind === 'tcp-connect' && one.address === address && one.proxy === undefined) {
      const outcome = isOwnRule(one.code, address) ? 'own-rule' : one.outcome
      return [{ port: one.port, transport: 'tcp', outcome }]
    }
    if (one.kind === 'udp-exchange' && one.address === address) {
      return [{ port: one.port, transport: 'udp', outcome: one.outcome }]
    }
    if (one.kind !== 'name-lookup' || one.resolverRole !== 'target' || one.transport === 'system') return []
    return [{ port: question.port, transport: one.transport, outcome: one.outcome }]
  })
  const failed = tried.find(
    (one) =>
      lost.has(one.outcome) &&
      tried.every((other) => other.port !== one.port || other.transport !== one.transport || lost.has(other.outcome)),
  )
  return failed === undefined ? undefined : { address, port: failed.port, transport: failed.transport }
}

interface Tried {
  readonly port: number
  readonly transport: 'tcp' | 'udp'
  readonly outcome: string
}

const lost: ReadonlySet<string> = new Set([
  'timeout',
  'host-unreachable',
  'net-unreachable',
  'admin-prohibited',
  'unreachable',
])
