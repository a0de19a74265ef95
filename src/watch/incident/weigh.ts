import type { Suspect } from '../../model/incident.ts'
import type { Standing } from '../news.ts'
import { familyOf } from './causeFamilies.ts'
import { itself } from './itself.ts'
import type { IncidentSettings } from './settings.ts'
import type { Places, SuspectRow } from './suspects.ts'
import { kindsOf, passedBy, suspectRows, witnessed } from './suspects.ts'
import type { Trouble } from './trouble.ts'
import { codeOf, suspicionOf, troubleId } from './trouble.ts'
import { lostTogether, silentNetworks, wayTo } from './ways.ts'

/** An incident that somebody was told of: a larger cause takes it over as a whole, or not at all. */
export interface Block {
  readonly id: string
  readonly troubles: readonly Trouble[]
}

/** Failures that have one cause. */
export interface Group {
  readonly suspect: Suspect
  readonly troubles: readonly Trouble[]
  /** Ids of incidents that come under it. */
  readonly blocks: readonly string[]
  /** Whom else all of them pass. */
  readonly alternatives: readonly Suspect[]
}

export interface Weighing {
  readonly loose: readonly Trouble[]
  readonly blocks: readonly Block[]
  readonly standings: Iterable<Standing>
  /** Subjects that fail: they speak for nobody. */
  readonly failing: ReadonlySet<string>
  readonly places: Places
  readonly settings: Pick<IncidentSettings, 'onsetMs' | 'wellShare' | 'settleMs'>
}

export interface Weighed {
  readonly groups: readonly Group[]
  /** Flows that were not looked at since, and that would speak for or against a suspect: the most telling first. */
  readonly askSoon: readonly string[]
}

/** What is taken or left as one: a single failure, or an incident. */
interface Unit {
  readonly id: string
  readonly isBlock: boolean
  readonly troubles: readonly Trouble[]
  /** When the first of it began to fail this time, and when any of it was well for the last time before. */
  readonly since: number
  readonly wellAt: number
  readonly hosts: readonly string[]
}

interface Candidate {
  readonly suspect: Suspect
  readonly rank: number
  readonly row: SuspectRow | undefined
  readonly units: Unit[]
  /** Flows that pass it, with when they were looked at. */
  readonly passing: Standing[]
  /** Ids of the units of each network that it leads to: something of each must be left. */
  readonly leadsTo?: readonly ReadonlySet<string>[]
  found?: Found | undefined
  isStale: boolean
}

interface Found {
  readonly units: readonly Unit[]
  readonly count: number
  readonly isNamed: boolean
}

/**
 * Finds for each failure who is to blame: whoever explains the most of them, with no flow that passes it and is well. Of
 * two that explain the same the nearer one is blamed. What nobody else explains stands for itself.
 */
export function weigh(weighing: Weighing): Weighed {
  const nearest = candidatesOf(weighing)
  const networks = networksLost(weighing)
  hear([...nearest, ...networks], weighing)
  const candidates = [...nearest, ...waysTo(networks, weighing)]
  const askSoon = questionsOf(candidates)
  const groups: Group[] = []
  const left = new Map(weighing.loose.map((trouble) => [troubleId(trouble), trouble]))
  const taken = new Set<string>()
  const byUnit = candidatesByUnit(candidates)
  for (;;) {
    const best = bestOf(candidates, taken, weighing.settings)
    if (best?.found === undefined) break
    const { suspect, found } = best
    const alternatives = rivalsOf(best, candidates)
    for (const { id } of found.units) {
      taken.add(id)
      left.delete(id)
      for (const candidate of byUnit.get(id) ?? []) candidate.isStale = true
    }
    groups.push({
      suspect,
      troubles: found.units.flatMap(({ isBlock, troubles }) => (isBlock ? [] : troubles)),
      blocks: found.units.flatMap(({ isBlock, id }) => (isBlock ? [id] : [])),
      alternatives,
    })
  }
  for (const trouble of left.values()) {
    groups.push({ suspect: itself(trouble), troubles: [trouble], blocks: [], alternatives: [] })
  }
  return { groups, askSoon }
}

function unitOf(id: string, isBlock: boolean, troubles: readonly Trouble[]): Unit {
  const hosts = [...hostsAmong(troubles)]
  return { id, isBlock, troubles, since: sinceOf(troubles), wellAt: wellAtOf(troubles), hosts }
}

function candidatesOf({ loose, blocks }: Weighing): readonly Candidate[] {
  const candidates = new Map<string, Candidate>()
  for (const trouble of loose) {
    const unit = unitOf(troubleId(trouble), false, [trouble])
    for (const suspect of trouble.weighed.suspects) {
      const key = suspicionOf(suspect, trouble)
      const candidate = candidates.get(key)
      if (candidate === undefined) candidates.set(key, newCandidate(suspect, trouble, unit))
      else candidate.units.push(unit)
    }
  }
  for (const { id, troubles } of blocks) {
    const counts = new Map<string, number>()
    for (const trouble of troubles) {
      for (const suspect of trouble.weighed.suspects) {
        const key = suspicionOf(suspect, trouble)
        if (candidates.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
    const unit = unitOf(id, true, troubles)
    for (const [key, count] of counts) {
      if (count === troubles.length) candidates.get(key)?.units.push(unit)
    }
  }
  for (const { units } of candidates.values()) units.sort((one, other) => one.since - other.since)
  return [...candidates.values()]
}

function newCandidate(suspect: Suspect, trouble: Trouble, unit: Unit): Candidate {
  const family = familyOf(codeOf(trouble))
  const rank = suspectRows.findIndex(({ kind, causes }) => kind === suspect.kind && causes.includes(family))
  return {
    suspect,
    rank: rank < 0 ? suspectRows.length : rank,
    row: suspectRows[rank],
    units: [unit],
    passing: [],
    isStale: true,
  }
}

/** Each network into which nothing comes, with what of it may have failed together. */
function networksLost({ loose, blocks, settings }: Weighing): readonly Candidate[] {
  const units = [
    ...loose.map((trouble) => unitOf(troubleId(trouble), false, [trouble])),
    ...blocks.map(({ id, troubles }) => unitOf(id, true, troubles)),
  ]
  return [...silentNetworks(units)].map(([name, those]) => ({
    suspect: { kind: 'destination', name },
    rank: wayRank,
    row: wayRow,
    units: [
      ...togetherFrom(
        those.toSorted((one, other) => one.since - other.since),
        settings.onsetMs,
      ),
    ],
    passing: [],
    isStale: true,
  }))
}

const wayRow = suspectRows.find(({ kind }) => kind === 'destination')
/** Behind everything that is one thing, and before a rule that speaks of a port. */
const wayRank = suspectRows.findIndex(({ kind }) => kind === 'port') - 0.5

/** Networks that were lost at one moment, while something elsewhere is well, have one way that is cut. */
function waysTo(networks: readonly Candidate[], { standings, failing, settings }: Weighing): readonly Candidate[] {
  const whole = networks.filter(({ units, passing }) => {
    const since = firstOf(units)
    return !passing.some(({ isWell, at }) => isWell && at > since)
  })
  const lost = whole.map(({ suspect, units }) => ({ name: suspect.name, units }))
  return lostTogether(lost, settings.settleMs).flatMap((those) => {
    const units = [...new Map(those.flatMap((one) => one.units).map((unit) => [unit.id, unit])).values()]
    units.sort((one, other) => one.since - other.since)
    if (!isAnythingWell(standings, failing, firstOf(units))) return []
    return {
      suspect: wayTo(those.map(({ name }) => name)),
      rank: wayRank,
      row: wayRow,
      units,
      passing: [],
      leadsTo: those.map((one) => new Set(one.units.map(({ id }) => id))),
      isStale: true,
    }
  })
}

function isAnythingWell(standings: Iterable<Standing>, failing: ReadonlySet<string>, since: number): boolean {
  for (const { isWell, at, expect, subject } of standings) {
    if (isWell && at > since && expect !== 'closed' && !failing.has(subject)) return true
  }
  return false
}

function firstOf(units: readonly Unit[]): number {
  return units.reduce((least, { since }) => Math.min(least, since), Number.POSITIVE_INFINITY)
}

function candidatesByUnit(candidates: readonly Candidate[]): ReadonlyMap<string, readonly Candidate[]> {
  const byUnit = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    for (const { id } of candidate.units) {
      const those = byUnit.get(id)
      if (those === undefined) byUnit.set(id, [candidate])
      else those.push(candidate)
    }
  }
  return byUnit
}

/** Lets every flow that does not fail speak for whatever it passes. */
function hear(candidates: readonly Candidate[], { standings, failing, places }: Weighing): void {
  const listening = new Map<string, Set<Candidate>>()
  const listen = (key: string, candidate: Candidate): void => {
    const those = listening.get(key)
    if (those === undefined) listening.set(key, new Set([candidate]))
    else those.add(candidate)
  }
  for (const candidate of candidates) {
    const troubles = candidate.units.flatMap((unit) => unit.troubles)
    for (const key of witnessed(candidate.suspect, troubles)) listen(key, candidate)
  }
  const kinds = kindsOf(listening.keys())
  for (const standing of standings) {
    if (failing.has(standing.subject)) continue
    const heard = new Set<Candidate>()
    for (const key of passedBy(standing, places, kinds)) {
      for (const candidate of listening.get(key) ?? []) heard.add(candidate)
    }
    for (const candidate of heard) candidate.passing.push(standing)
  }
  for (const { passing } of candidates) passing.sort((one, other) => other.at - one.at)
}

function bestOf(
  candidates: readonly Candidate[],
  taken: ReadonlySet<string>,
  settings: Weighing['settings'],
): Candidate | undefined {
  let best: Candidate | undefined
  for (const candidate of candidates) {
    if (candidate.isStale) {
      candidate.found = evaluate(candidate, taken, settings)
      candidate.isStale = false
    }
    if (candidate.found !== undefined && (best === undefined || isBetter(candidate, best))) best = candidate
  }
  return best
}

function isBetter(one: Candidate, other: Candidate): boolean {
  const [a, b] = [one.found, other.found]
  if (a === undefined || b === undefined) return b === undefined
  if (a.count !== b.count) return a.count > b.count
  if (a.isNamed !== b.isNamed) return a.isNamed
  if (one.rank !== other.rank) return one.rank < other.rank
  return one.suspect.name < other.suspect.name
}

/** What a candidate explains of all that is left, or undefined where it may not be blamed. */
function evaluate(
  candidate: Candidate,
  taken: ReadonlySet<string>,
  { onsetMs, wellShare }: Weighing['settings'],
): Found | undefined {
  const left = candidate.units.filter(({ id }) => !taken.has(id))
  const units = togetherFrom(left, onsetMs)
  if (!units.some(({ isBlock }) => !isBlock)) return undefined
  const { suspect, row, passing, leadsTo = [] } = candidate
  if (!leadsTo.every((ids) => units.some(({ id }) => ids.has(id)))) return undefined
  const count = countOf(units)
  const troubles = units.flatMap((unit) => unit.troubles)
  const naming = troubles.filter((trouble) => isDirect(trouble, suspect)).length
  const least = naming > 0 || row === undefined ? { failures: 1, hosts: 1 } : row.least
  if (count < least.failures) return undefined
  if (least.hosts > 1 && new Set(units.flatMap(({ hosts }) => hosts)).size < least.hosts) return undefined
  // A path accuses nobody, so that whoever is well there does not speak against it.
  if (suspect.kind !== 'path' && naming < count && isInnocent(passing, askedSince(units), count, wellShare))
    return undefined
  return { units, count, isNamed: naming > 0 }
}

/** Whether more of what passes it is well than there may be; the newest looks first. */
function isInnocent(passing: readonly Standing[], since: number, failures: number, wellShare: number): boolean {
  let well = 0
  for (const { isWell, at } of passing) {
    if (at <= since) return false
    if (isWell) well += 1
    if (well > wellShare * (well + failures)) return true
  }
  return false
}

function countOf(units: readonly Unit[]): number {
  return units.reduce((sum, { troubles }) => sum + troubles.length, 0)
}

/** What says itself whose fault it is needs no others: a certificate that has expired has, whoever else gets on with it. */
export function isDirect({ weighed: { named } }: Trouble, suspect: Suspect): boolean {
  return isSame(named, suspect)
}

function isSame(one: Suspect | undefined, other: Suspect): boolean {
  return one?.kind === other.kind && one.name === other.name
}

/**
 * The most that can have begun together: whoever was well when others had failed for long has another cause.
 *
 * @param units by when they began to fail
 */
function togetherFrom(units: readonly Unit[], onsetMs: number): readonly Unit[] {
  let best: readonly Unit[] = []
  let mostCount = 0
  let [rest, next] = [units, units[0]]
  while (next !== undefined) {
    const latest = next.since + onsetMs
    const together = rest.filter(({ wellAt }) => wellAt <= latest)
    const count = countOf(together)
    if (count > mostCount) [best, mostCount] = [together, count]
    // The first always belongs to its own, whatever its times say.
    rest = rest.slice(1).filter(({ wellAt }) => wellAt > latest)
    next = rest[0]
  }
  return best
}

/** When the first of them began to fail, this time. */
function sinceOf(troubles: readonly Trouble[]): number {
  return troubles.reduce((least, { weighed: { since } }) => Math.min(least, since), Number.POSITIVE_INFINITY)
}

/**
 * Since when whoever is well speaks against a cause: of an incident that was there before, and that others join now, what was
 * well in between does not.
 */
function askedSince(units: readonly Unit[]): number {
  return units.reduce(
    (least, { isBlock, since }) => (isBlock ? least : Math.min(least, since)),
    Number.POSITIVE_INFINITY,
  )
}

function wellAtOf(troubles: readonly Trouble[]): number {
  return troubles.reduce((most, { weighed }) => Math.max(most, weighed.wellAt ?? most), Number.NEGATIVE_INFINITY)
}

/** The other ends of failures; of a flow key they stand in the third and fourth place. */
export function hostsAmong(troubles: readonly Pick<Trouble, 'subject'>[]): ReadonlySet<string> {
  return new Set(troubles.map(({ subject }) => subject.split('|').slice(2, 4).join('|') || subject))
}

/** At most three are named, of those that explain just the same. */
function rivalsOf(best: Candidate, candidates: readonly Candidate[]): readonly Suspect[] {
  const { found } = best
  if (found === undefined || found.count < 2) return []
  const ids = new Set(found.units.map(({ id }) => id))
  return candidates
    .filter((one) => one !== best && one.suspect.kind !== 'path' && one.found?.count === found.count)
    .filter((one) => one.found?.units.every(({ id }) => ids.has(id)))
    .toSorted((one, other) => one.rank - other.rank)
    .slice(0, 3)
    .map(({ suspect }) => suspect)
}

/** So many flows are asked of one suspect, and of all. */
const mostOfOne = 4
const mostOfAll = 24

function questionsOf(candidates: readonly Candidate[]): readonly string[] {
  const asked = new Set<string>()
  for (const { units, passing, suspect } of candidates.toSorted((one, other) => one.rank - other.rank)) {
    if (suspect.kind === 'path') continue
    const since = askedSince(units)
    // Of a host each flow tells something, of a network each host, and of what is before all of them each network.
    const places = new Set<string>()
    for (const { at, subject, on } of passing) {
      if (asked.size >= mostOfAll) return [...asked]
      if (places.size >= mostOfOne) break
      const place = suspect.kind === 'host' ? subject : suspect.kind === 'vantage' ? (on.network ?? on.host) : on.host
      if (at > since || places.has(place)) continue
      places.add(place)
      asked.add(subject)
    }
  }
  return [...asked]
}
