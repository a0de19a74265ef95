import type { AddressRange } from './addresses.ts'
import type { Coordinates } from './coordinates.ts'
import type { Intervals } from './intervals.ts'
import { intervalsOf, intervalsWithout, meetIntervals, nothing } from './intervals.ts'
import type { Place, Places, Route, RuleSet } from './ruleset.ts'
import { unclaimedParts } from './unclaimedParts.ts'

/** Where a packet comes in or goes out: one of some places; nowhere, as what a machine sends itself comes in; or not known, but not by one of `not`. */
export type PlaceGuess =
  | { readonly kind: 'among'; readonly places: readonly Place[] }
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'unknown'; readonly not: ReadonlySet<string> }

/** Addresses that lie behind the same place, or that routes lead the same way. */
export interface PlaceRegion {
  readonly set: Intervals
  readonly guess: PlaceGuess
  /** The route by which they are found; absent for what lies behind a place by its own networks. */
  readonly route?: Route
  /** Nothing leads there, by this route or by none. */
  readonly isNoPath: boolean
}

/** The addresses of one family by place. */
export interface PlaceMap {
  /** Disjoint, and together every address. */
  readonly regions: readonly PlaceRegion[]
  /** Addresses of the device itself. */
  readonly own: Intervals
}

/**
 * Divides the addresses of a family by the places behind which they lie: the longest network or route decides, then the
 * smallest metric. Networks of places count as routes of metric 0, because many configurations write only what is not
 * connected. Time n log n in networks and routes.
 */
export function placeMap({ places, routes }: RuleSet, line: Coordinates): PlaceMap {
  const named = new Map(places.map((place) => [place.name, place]))
  const unknown: PlaceGuess = { kind: 'unknown', not: namesWithNetworks(places) }
  const entries: Entry[] = []
  for (const place of places) {
    for (const range of place.networks ?? []) entries.push({ range, metric: 0, places: [place], isNoPath: false })
  }
  for (const route of routes ?? []) {
    const out = route.out === undefined ? undefined : (named.get(route.out) ?? { name: route.out, kind: 'interface' })
    const isNoPath = route.kind !== 'unicast'
    entries.push({
      range: route.to,
      metric: route.metric ?? 0,
      places: out === undefined ? [] : [out],
      route,
      isNoPath,
    })
  }
  const family = entries.filter(({ range }) => range.family === line.family).sort(byLength)
  const alike: (readonly Entry[])[] = []
  for (let i = 0; i < family.length; ) {
    const first = family[i] as Entry
    const equals: Entry[] = []
    for (; i < family.length && byLength(first, family[i] as Entry) === 0; i += 1) equals.push(family[i] as Entry)
    for (const same of byRange(equals)) alike.push(same)
  }
  const wholes = alike.map(([one]) => (one === undefined ? nothing : line.intervals([one.range])))
  const sets = unclaimedParts(wholes)
  const regions: PlaceRegion[] = []
  for (const [at, same] of alike.entries()) {
    const [one] = same
    const set = sets[at]
    if (one === undefined || set === undefined || set.length === 0) continue
    const among = [...new Set(same.flatMap((entry) => entry.places))]
    regions.push({
      set,
      guess: among.length === 0 ? unknown : { kind: 'among', places: among },
      ...(one.route !== undefined && { route: one.route }),
      isNoPath: same.every((entry) => entry.isNoPath),
    })
  }
  const rest = intervalsWithout(line.every, intervalsOf(wholes.flat()))
  // A table of the other family alone says nothing about this one.
  const isTold = routes?.some(({ to }) => to.family === line.family) === true
  if (rest.length > 0) regions.push({ set: rest, guess: unknown, isNoPath: isTold })
  const own = line.intervals(places.flatMap((place) => place.own ?? []))
  return { regions, own }
}

interface Entry {
  readonly range: AddressRange
  readonly metric: number
  readonly places: readonly Place[]
  readonly route?: Route
  readonly isNoPath: boolean
}

function byLength(a: Entry, b: Entry): number {
  const size = a.range.last - a.range.first - (b.range.last - b.range.first)
  return size < 0n ? -1 : size > 0n ? 1 : a.metric - b.metric
}

function byRange(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  return [...Map.groupBy(entries, ({ range }) => `${range.first}-${range.last}`).values()]
}

/** The places of names that were said: interfaces, or the interfaces of zones. */
export function saidPlaces(ruleSet: RuleSet, names: readonly string[]): PlaceGuess {
  const each = names.map((name) => saidPlace(ruleSet, name))
  return { kind: 'among', places: [...new Set(each.flatMap((guess) => guess.places))] }
}

/** The places of a name that was said: an interface, or the interfaces of a zone. */
export function saidPlace({ places }: RuleSet, name: string): Extract<PlaceGuess, { kind: 'among' }> {
  const own = places.filter((place) => place.name === name)
  const inZone = places.filter((place) => place.kind === 'interface' && place.zones?.includes(name) === true)
  const isInterface = own.some(({ kind }) => kind === 'interface')
  if (inZone.length > 0 && !isInterface) return { kind: 'among', places: inZone }
  return { kind: 'among', places: own.length > 0 ? own : [{ name, kind: 'interface' }] }
}

/** Whether a packet comes by one of the places that a rule names. */
export function isAtPlaces(guess: PlaceGuess, asked: Places, isLoopback: boolean): 'yes' | 'no' | 'may' {
  const found = isAmong(guess, asked.names, isLoopback)
  if (asked.inverted !== true || found === 'may') return found
  return found === 'yes' ? 'no' : 'yes'
}

function isAmong(guess: PlaceGuess, names: readonly string[], isLoopback: boolean): 'yes' | 'no' | 'may' {
  if (guess.kind === 'nowhere') return 'no'
  if (names.includes('*')) return 'yes'
  if (guess.kind === 'among') return together(guess.places.map((place) => isNamed(place, names)))
  // Nothing but a machine's own traffic to itself comes by its loopback interface.
  const open = names.filter((name) => isLoopback || name !== 'lo')
  return open.every((name) => guess.not.has(name)) ? 'no' : 'may'
}

/** Places, and zones with all their interfaces, of which it is said what lies behind them: nothing else does. */
function namesWithNetworks(places: readonly Place[]): ReadonlySet<string> {
  const isSaid = ({ networks }: Place): boolean => networks !== undefined
  const zones = new Set(places.flatMap((place) => (place.kind === 'interface' ? (place.zones ?? []) : [])))
  const whole = [...zones].filter((zone) =>
    places.every((place) => place.zones?.includes(zone) !== true || isSaid(place)),
  )
  const open = new Set(places.filter((place) => !isSaid(place)).map(({ name }) => name))
  return new Set([...places.filter(isSaid).map(({ name }) => name), ...whole].filter((name) => !open.has(name)))
}

/** Whether a packet comes in and goes out by the same zone. */
export function isSameZone(into: PlaceGuess, out: PlaceGuess): 'yes' | 'no' | 'may' {
  if (into.kind === 'nowhere' || out.kind === 'nowhere') return 'no'
  if (into.kind === 'unknown' || out.kind === 'unknown') return 'may'
  return together(
    into.places.flatMap((a) => out.places.map((b) => zonesOf(a).some((zone) => zonesOf(b).includes(zone)))),
  )
}

/** Zones of an interface; one without zones, and a zone, stands for itself. */
function zonesOf({ name, zones }: Place): readonly string[] {
  return zones === undefined || zones.length === 0 ? [name] : zones
}

function isNamed(place: Place, names: readonly string[]): boolean {
  const own = [place.name, ...(place.zones ?? [])]
  return names.some((name) =>
    name.endsWith('*') ? own.some((one) => one.startsWith(name.slice(0, -1))) : own.includes(name),
  )
}

function together(each: readonly boolean[]): 'yes' | 'no' | 'may' {
  if (each.every((is) => is)) return 'yes'
  return each.some((is) => is) ? 'may' : 'no'
}

/** Whether a set has addresses that stay on one machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function meetsLoopback(set: Intervals, line: Coordinates): boolean {
  return meetIntervals(set, line.intervals(loopback))
}

export const loopback: readonly AddressRange[] = Object.freeze([
  { family: 4, first: 0x7f000000n, last: 0x7fffffffn },
  { family: 6, first: 1n, last: 1n },
])
