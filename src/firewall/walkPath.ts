import type { AddressRange } from './addresses.ts'
import type { Ends } from './askedPieces.ts'
import { anyPlace, chosenPorts, pieceOf, valuesOn } from './askedPieces.ts'
import type { Axis } from './axis.ts'
import { valuesOf } from './axis.ts'
import { compiledRuleSet } from './compiledRuleSet.ts'
import type { Coordinates } from './coordinates.ts'
import { coordinates4 } from './coordinates.ts'
import { sameIntervals } from './intervals.ts'
import type { Arrival } from './journey.ts'
import { journey } from './journey.ts'
import type { AskedFlow, DecidedBy, Knowledge, PathDevice, PathStep } from './judged.ts'
import type { Grown, Matched, Piece, State } from './piece.ts'
import { listOf } from './piece.ts'
import type { PlaceGuess } from './placeMap.ts'
import type { RuleSet } from './ruleset.ts'
import type { Unknown } from './unknown.ts'

/** Part of a flow between two devices, or at its end: what it is there, and what became of it so far. */
interface Leg {
  readonly now: Ends
  /** Parts of it as they set out. */
  readonly back: (part: Ends) => Ends
  readonly steps: readonly PathStep[]
  readonly doubts: readonly Unknown[]
  readonly forks: readonly Unknown[]
  readonly unsettled: readonly Unknown[]
  readonly out: PlaceGuess
  readonly matched?: Matched
  readonly inspected?: 'yes' | 'may'
}

/** Part of a flow at the end of its way. */
export interface PathArrival extends Omit<Leg, 'back'> {
  readonly verdict: Arrival['verdict']
  /** As it set out. */
  readonly was: Ends
}

const chosenPort: Unknown = Object.freeze({ kind: 'other', what: 'the source port that the proxy chooses' })

/** Takes a flow of one family from device to device. */
export function walkPath(
  devices: readonly PathDevice[],
  asked: AskedFlow,
  start: Ends,
  knowledge: Knowledge,
  budget: { left: number },
): readonly PathArrival[] {
  const nothing = { steps: [], doubts: [], forks: [], unsettled: [], out: anyPlace }
  const first: Leg = { now: start, back: (part) => part, ...nothing }
  const arrivals: PathArrival[] = []
  let legs: readonly Leg[] = [towards(first, start, proxyFrom(devices, 0))].filter(hasEnds)
  for (const [at, device] of devices.entries()) {
    const { proxy } = device
    if (proxy !== undefined) legs = legs.map((leg) => requested(leg, start))
    // Before a proxy packets go to the proxy: a rule about the addresses of the name is not about them.
    const isNamed = proxy !== undefined || proxyFrom(devices, at) === undefined
    const question = questionAt(asked, device, isNamed)
    for (const ruleSet of device.ruleSets) {
      const passed: Leg[] = []
      for (const leg of legs) {
        for (const { verdict, ...next } of through(device, ruleSet, leg, question, knowledge, budget)) {
          if (verdict === 'allow') passed.push(next)
          else arrivals.push({ ...next, verdict, was: next.back(next.now) })
        }
      }
      legs = passed
    }
    if (proxy !== undefined) {
      const from = proxy.connectsFrom ?? proxy.listens
      legs = legs.map((leg) => towards(connected(leg, from), start, proxyFrom(devices, at + 1))).filter(hasEnds)
    }
  }
  return [...arrivals, ...legs.map((leg) => ({ ...leg, verdict: 'allow' as const, was: leg.back(leg.now) }))]
}

type Proxy = NonNullable<PathDevice['proxy']>

function proxyFrom(devices: readonly PathDevice[], at: number): Proxy | undefined {
  return devices.slice(at).find(({ proxy }) => proxy !== undefined)?.proxy
}

function questionAt(
  { name, in: _in, out: _out, ...asked }: AskedFlow,
  device: PathDevice,
  isNamed: boolean,
): AskedFlow {
  return {
    ...asked,
    ...(name !== undefined && isNamed && { name }),
    ...(device.in !== undefined && { in: device.in }),
    ...(device.out !== undefined && { out: device.out }),
  }
}

/** Nothing of a family goes to a proxy that has no address of it, and nothing comes from there. */
function hasEnds({ now }: Leg): boolean {
  return now.source.length > 0 && now.destination.length > 0
}

/** A flow that is sent to the next proxy, in place of its target. */
function towards(leg: Leg, target: Ends, proxy: Proxy | undefined): Leg {
  if (proxy === undefined) return leg
  const listens = proxy.listens.filter(({ family }) => family === target.family)
  const now: Ends = {
    ...leg.now,
    destination: listens,
    to: proxy.ports.flatMap(({ first, last }) => [first, last + 1]),
  }
  const { destination, to } = leg.now
  return { ...leg, now, back: (part) => leg.back({ ...part, destination, to }) }
}

/** What a proxy is asked for: it comes from where the flow came, and names the target. */
function requested(leg: Leg, target: Ends): Leg {
  const { destination, to } = target
  const before = leg.now
  const back = (part: Ends): Ends => ({
    ...leg.back({ ...part, destination: before.destination, to: before.to }),
    destination: part.destination,
    to: part.to,
  })
  return { ...leg, now: { ...before, destination, to }, back }
}

/** What a proxy opens for it. */
function connected(leg: Leg, from: readonly AddressRange[]): Leg {
  const { source, from: port, family } = leg.now
  const now: Ends = {
    ...leg.now,
    source: from.filter((range) => range.family === family),
    from: [chosenPorts.first, chosenPorts.last + 1],
  }
  const because: Unknown = { kind: 'other', what: 'from which of its addresses the proxy connects' }
  const isOne = now.source.length === 1 && now.source[0]?.first === now.source[0]?.last
  return {
    ...leg,
    now,
    back: (part) => leg.back({ ...part, source, from: port }),
    forks: [...leg.forks, chosenPort, ...(isOne ? [] : [because])],
  }
}

/** Takes a leg through one rule set of a device. */
function through(
  device: PathDevice,
  ruleSet: RuleSet,
  leg: Leg,
  asked: AskedFlow,
  knowledge: Knowledge,
  budget: { left: number },
): readonly (Leg & { readonly verdict: Arrival['verdict'] })[] {
  const compiled = compiledRuleSet(ruleSet, knowledge)
  const line = compiled.coordinates(leg.now.family)
  const labelled = new Map<DecidedBy, PathStep>()
  const stepOf = (step: DecidedBy): PathStep => {
    const known = labelled.get(step) ?? { ...step, device: device.label, ruleSet: ruleSet.name }
    labelled.set(step, known)
    return known
  }
  return journey(compiled, asked, device.passage, [pieceOf(leg.now, line)], budget).map(({ piece, verdict }) => {
    const { state } = piece
    const { matched = leg.matched } = state
    const inspected = state.inspected === 'yes' ? 'yes' : (leg.inspected ?? state.inspected)
    const arrived = endsOf(piece, 'was', line)
    return {
      verdict,
      now: endsOf(piece, 'now', line),
      back: backOver(leg, piece, arrived),
      steps: [...leg.steps, ...listOf(state.trace).map(stepOf)],
      doubts: [...leg.doubts, ...listOf(state.doubts).flat()],
      forks: [...leg.forks, ...listOf(state.forks).flat(), ...poolsOf(piece)],
      unsettled: [...leg.unsettled, ...ruleSet.doubts, ...listOf(state.unsettled).flat()],
      out: state.out,
      ...(matched !== undefined && { matched }),
      ...(inspected !== undefined && { inspected }),
    }
  })
}

/** Finds parts of what left a device in what came to it, and from there in what set out. */
function backOver(leg: Leg, piece: Piece, arrived: Ends): (part: Ends) => Ends {
  const address = (end: 'source' | 'destination', part: Ends): readonly AddressRange[] => {
    const { was } = piece[end]
    if (was === undefined) return part[end]
    if ('kept' in was) return arrived[end]
    const step = was.shift
    return part[end].map(({ family, first, last }) => ({ family, first: first - step, last: last - step }))
  }
  const port = (end: 'from' | 'to', part: Ends): Ends['from'] => {
    const { was } = piece[end]
    if (was === undefined) return part[end]
    return 'kept' in was ? arrived[end] : part[end].map((value) => value - Number(was.shift))
  }
  return (part) =>
    leg.back({
      ...part,
      source: address('source', part),
      destination: address('destination', part),
      from: port('from', part),
      to: port('to', part),
    })
}

function endsOf(piece: Piece, view: 'now' | 'was', line: Coordinates): Ends {
  const address = (end: 'source' | 'destination'): readonly AddressRange[] => {
    const { set, within } = valuesOf(piece[end], view, line)
    return line.ranges(set, within)
  }
  return {
    family: piece.family,
    protocol: piece.protocol,
    source: address('source'),
    destination: address('destination'),
    from: valuesOf(piece.from, view, coordinates4).set,
    to: valuesOf(piece.to, view, coordinates4).set,
  }
}

/** What it depends on which of several values a field was given. */
function poolsOf(piece: Piece): readonly Unknown[] {
  return [piece.source, piece.destination, piece.from, piece.to].flatMap(({ was }) =>
    was !== undefined && 'kept' in was && was.because !== undefined ? [was.because] : [],
  )
}

/** An arrival as a piece, for what is told of it. */
export function pieceFrom(arrival: PathArrival, line: Coordinates): Piece {
  const { was, now, steps, doubts, forks, unsettled, out, matched, inspected } = arrival
  const grown = steps.reduce<Grown<DecidedBy> | undefined>((before, last) => ({ before, last }), undefined)
  const state: State = {
    in: anyPlace,
    out,
    isLocal: false,
    ...(grown !== undefined && { trace: grown }),
    ...(doubts.length > 0 && { doubts: { last: doubts } }),
    ...(forks.length > 0 && { forks: { last: forks } }),
    ...(unsettled.length > 0 && { unsettled: { last: unsettled } }),
    ...(matched !== undefined && { matched }),
    ...(inspected !== undefined && { inspected }),
  }
  const piece = pieceOf(was, line)
  const address = (end: 'source' | 'destination'): Axis =>
    isSameRanges(was[end], now[end]) ? piece[end] : { now: valuesOn(line, now[end]), was: { kept: piece[end].now } }
  const port = (end: 'from' | 'to'): Axis =>
    sameIntervals(was[end], now[end]) ? piece[end] : { now: { set: now[end] }, was: { kept: piece[end].now } }
  return {
    ...piece,
    source: address('source'),
    destination: address('destination'),
    from: port('from'),
    to: port('to'),
    state,
  }
}

function isSameRanges(some: readonly AddressRange[], others: readonly AddressRange[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ first, last }, at) => first === others[at]?.first && last === others[at].last)
  )
}
