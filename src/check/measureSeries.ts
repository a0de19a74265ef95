import { setTimeout as pause } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { Observation } from '../model/observation.ts'
import type { Question } from '../probes/probe.ts'
import type { Series } from '../probes/series.ts'
import { observeSeries } from '../probes/series.ts'
import type { Means } from './askControls.ts'
import type { Compared } from './openCrowds.ts'

/** New connections a second to each place that is asked for losses: few enough that no path minds. */
export const lossPerSecond = 10
/** Places that are asked for losses at once: more would be a load of its own. */
export const lossPlaces = 8
/** Of the highest pace, slowest first. */
const rateParts = [1 / 8, 1 / 4, 1 / 2, 1] as const
const rateSeconds = 3
/** Between two paces, until whoever counts a second has forgotten the last one, in milliseconds. */
const restMs = 1000

/** What is asked of each place besides. */
export interface SeriesWanted {
  /** Further connections that are made one by one, to see how many are lost. */
  readonly lossCount?: number | undefined
  /** The highest pace of new connections a second, to see from which on they wait or fail. */
  readonly ratePerSecond?: number | undefined
}

/** The longest that series take, in milliseconds, where no answer is waited for longer than the time-out. */
export function seriesBudgetMs({ lossCount, ratePerSecond }: SeriesWanted, places: number, timeoutMs: number): number {
  const lossMs = lossCount === undefined ? 0 : (lossCount * 1000) / lossPerSecond + timeoutMs
  const rateMs = ratePerSecond === undefined ? 0 : rateParts.length * (rateSeconds * 1000 + restMs + timeoutMs)
  // Timers are late, and a pace that cannot be held takes longer.
  return 1.5 * (lossMs * Math.ceil(places / lossPlaces) + rateMs * places)
}

/**
 * Measures the way to each place that takes connections: losses at a few places side by side, and then the pace of new
 * connections at one after the other. It comes last of all, since what else is asked would be in its way.
 *
 * @param all every flow, in the order in which places are chosen
 * @param onBegin hears at how many places, once that is known
 * @returns what was measured at the place of a flow; nothing where no connection stood
 */
export function measureSeries(
  means: Pick<Means, 'net' | 'ledger' | 'limits'>,
  wanted: SeriesWanted,
  concurrency: number,
  all: readonly Promise<Compared>[],
  onBegin: (places: number) => void,
): (one: Compared) => Promise<readonly Observation[]> {
  let begun: Promise<Measured> | undefined
  return async ({ question, seen }) => {
    if (question === undefined || !takesConnections(question, seen)) return []
    begun ??= Promise.all(all).then((every) => measure(placesOf(every, onBegin), means, wanted, concurrency))
    return (await begun).get(keyOf(question)) ?? []
  }
}

/** The series by which a pace is tried, the slowest first: each is of three seconds. */
export function pacesUpTo(ratePerSecond: number): readonly Series[] {
  return rateParts.map((part) => {
    const perSecond = Math.max(1, Math.round(ratePerSecond * part))
    return { asked: 'rate', perSecond, count: perSecond * rateSeconds }
  })
}

/** Whether a straight connection to the place of the question came about, so that others can be made. */
export function takesConnections({ via, transport, address, port }: Question, seen: readonly Observation[]): boolean {
  if (via !== undefined || transport !== 'tcp') return false
  return seen.some(
    (one) => one.kind === 'tcp-connect' && one.outcome === 'connected' && one.address === address && one.port === port,
  )
}

type Places = ReadonlyMap<string, Question>
type Measured = ReadonlyMap<string, Promise<readonly Observation[]>>

const keyOf = ({ address, port }: Pick<Question, 'address' | 'port'>): string => `${address} ${port}`

function placesOf(all: readonly Compared[], onBegin: (places: number) => void): Places {
  const places = new Map<string, Question>()
  for (const { question, seen } of all) {
    if (question !== undefined && takesConnections(question, seen) && !places.has(keyOf(question))) {
      places.set(keyOf(question), question)
    }
  }
  onBegin(places.size)
  return places
}

function measure(
  places: Places,
  { net, ledger, limits }: Pick<Means, 'net' | 'ledger' | 'limits'>,
  { lossCount, ratePerSecond }: SeriesWanted,
  concurrency: number,
): Measured {
  const slot = pLimit(concurrency)
  const sideBySide = pLimit(lossPlaces)
  const lossOf = async (place: Question): Promise<readonly Observation[]> => {
    const into: Observation[] = []
    if (lossCount === undefined || limits.signal.aborted) return into
    const series = { asked: 'loss', perSecond: lossPerSecond, count: lossCount } as const
    await observeSeries(place, series, net, ledger.page(into, 'control'), limits, slot)
    return into
  }
  const ratesOf = async (place: Question): Promise<readonly Observation[]> => {
    const into: Observation[] = []
    if (ratePerSecond === undefined) return into
    for (const series of pacesUpTo(ratePerSecond)) {
      if (limits.signal.aborted) break
      await observeSeries(place, series, net, ledger.page(into, 'control'), limits, slot)
      // An abort cuts the pause short, and nothing is asked after it.
      await pause(restMs, undefined, { signal: limits.signal }).catch(() => {})
    }
    return into
  }
  const losses = new Map([...places].map(([key, place]) => [key, sideBySide(() => lossOf(place))]))
  let last: Promise<unknown> = Promise.all(losses.values())
  const measured = new Map<string, Promise<readonly Observation[]>>()
  for (const [key, place] of places) {
    const rates = last.then(() => ratesOf(place))
    last = rates
    measured.set(
      key,
      Promise.all([losses.get(key) ?? [], rates]).then((both) => both.flat()),
    )
  }
  return measured
}
