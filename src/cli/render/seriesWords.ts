import { hostPort } from '../../model/hostPort.ts'
import type { ConnectSeries, Observation } from '../../model/observation.ts'
import { missedOf } from '../../model/observation.ts'
import type { FlowReport } from '../../model/report.ts'
import { countOf, dialledOf, durationOf, portOf } from './flowWords.ts'
import { sharedTargets } from './sharedTargets.ts'
import type { Step } from './step.ts'

/** So many places that missed connections are named. */
const mostPlaces = 12

/** One series of connections in words. */
export function seriesStep(seen: ConnectSeries): Step {
  const { address, port, perSecond, outcome, sent, late, ms } = seen
  const slower = reachedOf(seen)
  return {
    did: `opened ${countOf(sent, 'connection')} to ${hostPort(address, port)} over tcp, ${perSecond} a second, over ${durationOf(ms)}`,
    came: [`${missedOf(seen)} of ${sent} missed`, ...tripWords(seen)].join(', '),
    particulars: [
      ...missedParts(seen),
      ...(late === 0 ? [] : [`${late} late by other than a repeated SYN`]),
      ...(slower === undefined ? [] : [`reached ${slower} a second`]),
      ...(outcome === 'whole' ? [] : [endWords[outcome]]),
    ],
  }
}

const endWords: Readonly<Record<Exclude<ConnectSeries['outcome'], 'whole'>, string>> = {
  aborted: 'stopped before its end',
  'tool-limit': 'this machine had no means left for more',
}

/** What `--loss` and `--rate` showed, a sentence each, whether all is well or not; none where nothing was measured. */
export function seriesWords(flows: readonly FlowReport[]): readonly string[] {
  return [...lossWords(flows), ...rateWords(flows)]
}

function lossWords(flows: readonly FlowReport[]): readonly string[] {
  const places = placesOf(flows, 'loss')
  if (places.length === 0) return []
  const all = `opened one by one: ${sumOf(places)} to ${countOf(places.length, 'place')}`
  const [only] = places
  if (places.length === 1 && only !== undefined) {
    return [`opened one by one to ${only.place}: ${lossOf(only.series[0])}`]
  }
  const bad = places.filter(({ series }) => series.some((one) => missedOf(one) > 0))
  const slowest = places
    .flatMap(({ series }) => series[0]?.roundTripMs ?? [])
    .toSorted((a, b) => b.median - a.median)[0]
  const trips = slowest === undefined ? '' : `, median at most ${durationOf(slowest.median)}`
  if (bad.length === 0) return [`${all}, none lost and none sent again${trips}`]
  return [`${all}${trips}; not all went through at the first try at ${named(bad, ({ series }) => lossOf(series[0]))}`]
}

function rateWords(flows: readonly FlowReport[]): readonly string[] {
  const places = placesOf(flows, 'rate')
  if (places.length === 0) return []
  const quickest = Math.max(...places.flatMap(({ series }) => series.map(({ perSecond }) => perSecond)))
  const all = `opened at up to ${quickest} a second: ${sumOf(places)} to ${countOf(places.length, 'place')}`
  const bad = places.filter(({ series }) => series.some((one) => missedOf(one) > 0))
  const slow = places.flatMap(({ series }) => series).filter((one) => reachedOf(one) !== undefined)
  const kept = slow.length === 0 ? '' : `; this machine did not reach the pace at ${slow.length} of them`
  if (bad.length === 0) return [`${all}, none missed at any pace${kept}`]
  const words = ({ series }: Place): string =>
    series.map((one) => `${missedOf(one)} of ${one.sent} at ${one.perSecond} a second`).join(', ')
  return [`${all}${kept}; missed at ${named(bad, words)}`]
}

interface Place {
  readonly place: string
  /** The slowest first. */
  readonly series: readonly ConnectSeries[]
}

/** Each place once, however many flows go to it. */
function placesOf(flows: readonly FlowReport[], asked: ConnectSeries['asked']): readonly Place[] {
  const told = new Set<string>()
  const isAsked = (one: Observation): one is ConnectSeries => one.kind === 'connect-series' && one.asked === asked
  const measured = flows.filter(({ evidence }) => evidence.some(isAsked))
  return sharedTargets(measured).flatMap(([{ target, evidence }]) => {
    const series = evidence.filter(isAsked)
    const [first] = series
    if (first === undefined || told.has(first.id)) return []
    told.add(first.id)
    return [{ place: `${portOf(target)} ${dialledOf(target)}`, series }]
  })
}

function lossOf(series: ConnectSeries | undefined): string {
  return series === undefined
    ? ''
    : [`${missedOf(series)} of ${series.sent} missed`, ...missedParts(series), ...tripWords(series)].join(', ')
}

function named(places: readonly Place[], wordsOf: (place: Place) => string): string {
  const words = places.slice(0, mostPlaces).map((one) => `${one.place} (${wordsOf(one)})`)
  const more = places.length > mostPlaces ? ` and ${places.length - mostPlaces} more` : ''
  return `${words.join('; ')}${more}`
}

function sumOf(places: readonly Place[]): string {
  return countOf(
    places.flatMap(({ series }) => series).reduce((sum, { sent }) => sum + sent, 0),
    'connection',
  )
}

function missedParts({ repeated, lost, refused }: ConnectSeries): readonly string[] {
  return [
    ...(repeated === 0 ? [] : [`${repeated} sent again`]),
    ...(lost === 0 ? [] : [`${lost} unanswered`]),
    ...(refused === 0 ? [] : [`${refused} refused`]),
  ]
}

function tripWords({ roundTripMs }: ConnectSeries): readonly string[] {
  if (roundTripMs === undefined) return []
  const { median, p95 } = roundTripMs
  return [`median ${durationOf(median)}, 95th ${durationOf(p95)}`]
}

/** The pace that was reached, where it is well below what was meant; undefined where it was held. */
function reachedOf({ perSecond, sent, ms }: ConnectSeries): number | undefined {
  if (sent < 2 || ms <= 0) return undefined
  const reached = Math.round(((sent - 1) * 1000) / ms)
  return reached < perSecond * 0.8 ? reached : undefined
}
