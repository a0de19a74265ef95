import type { AddressRange } from './addresses.ts'
import { chosenPorts } from './askedPieces.ts'
import type { Values } from './axis.ts'
import { valuesOf } from './axis.ts'
import type { Box } from './boxes.ts'
import { boxWithout, intersectionOfBoxes } from './boxes.ts'
import type { Coordinates } from './coordinates.ts'
import { coordinates4, coordinates6 } from './coordinates.ts'
import type { Intervals } from './intervals.ts'
import { sameIntervals, unionOfIntervals } from './intervals.ts'
import type { AskedFlow, DecidedBy, JudgedPart } from './judged.ts'
import type { Piece } from './piece.ts'
import { joinedPieces, listOf } from './piece.ts'
import type { NumberRange } from './ruleset.ts'
import type { Unknown } from './unknown.ts'

const chosenPort: Unknown = { kind: 'other', what: 'the source port that the system chooses' }

/** A piece at the end of its way, through a device or through several. */
export interface Ending<Verdict extends Sure = Sure> {
  readonly piece: Piece
  readonly verdict: Verdict
}

/** What a piece surely comes to; by order, the first of several denials that stand for the same packets is told. */
const sures = ['drop', 'reject', 'misdirected', 'no-path', 'allow'] as const
type Sure = (typeof sures)[number]

/** A part with what it comes to. */
type Told<Verdict extends Sure> = Omit<JudgedPart, 'verdict'> & {
  readonly verdict: Verdict | 'may' | 'unknown-ref'
}

/** What arrived, as parts of the flow as it came. Those that stand for the same packets are drawn together. */
export function partsOf<Verdict extends Sure>(
  arrivals: readonly Ending<Verdict>[],
  tell: Telling,
): readonly Told<Verdict>[] {
  const { asked } = tell
  const joined = joinedArrivals(arrivals)
  if (!joined.some(({ piece }) => isOneOfSeveral(piece, asked))) return joined.map((one) => partOf([one], tell))
  return overlaid(joined, tell)
}

/** What is told with the parts. */
interface Telling {
  readonly asked: AskedFlow
  /** The coordinates that the pieces are in. */
  readonly line: Coordinates
  readonly doubts: readonly Unknown[]
}

function joinedArrivals<Verdict extends Sure>(arrivals: readonly Ending<Verdict>[]): readonly Ending<Verdict>[] {
  if (arrivals.length < 2) return arrivals
  const byVerdict = Map.groupBy(arrivals, ({ verdict }) => verdict)
  return [...byVerdict].flatMap(([verdict, some]) =>
    joinedPieces(some.map(({ piece }) => piece)).map((piece) => ({ piece, verdict })),
  )
}

/** Other pieces may stand for the same packets: nobody knows which rule matches, which address of a pool is taken, or which port the system chooses. */
function isOneOfSeveral(piece: Piece, asked: AskedFlow): boolean {
  const isPool = [piece.source, piece.destination, piece.from, piece.to].some(
    ({ was }) => was !== undefined && 'kept' in was && was.because !== undefined,
  )
  return piece.state.forks !== undefined || isPool || (asked.sourcePorts === undefined && !isWholeRange(piece))
}

function isWholeRange(piece: Piece): boolean {
  const { set } = valuesOf(piece.from, 'was', coordinates4)
  if (piece.protocol === 1 || piece.protocol === 58) return true
  return set.length === 2 && set[0] === chosenPorts.first && set[1] === chosenPorts.last + 1
}

interface Cell<Verdict extends Sure> {
  readonly box: Box
  readonly of: readonly Ending<Verdict>[]
}

/** Cuts arrivals into cells of the flow as it came, so that each cell has the same arrivals everywhere. */
function overlaid<Verdict extends Sure>(arrivals: readonly Ending<Verdict>[], tell: Telling): readonly Told<Verdict>[] {
  const { asked, line } = tell
  const ends = arrivals.map(
    ({ piece }) => [rangesOf(piece, 'source', line), rangesOf(piece, 'destination', line)] as const,
  )
  const own = line.family === 4 ? coordinates4 : coordinates6(ends.flat(2))
  let cells: readonly Cell<Verdict>[] = []
  for (const [at, arrival] of arrivals.entries()) {
    const { piece } = arrival
    const [source = [], destination = []] = ends[at] ?? []
    const from: Intervals =
      asked.sourcePorts === undefined && !isWholeRange(piece)
        ? [chosenPorts.first, chosenPorts.last + 1]
        : valuesOf(piece.from, 'was', coordinates4).set
    const box: Box = [
      own.intervals(source),
      own.intervals(destination),
      [piece.protocol, piece.protocol + 1],
      from,
      valuesOf(piece.to, 'was', coordinates4).set,
    ]
    cells = laid(cells, { box, of: [arrival] })
  }
  return joinedCells(cells).map(({ box, of }) => {
    const { sourcePorts: _, ...part } = partOf(of, tell)
    return {
      ...part,
      source: own.ranges(box[0]),
      destination: own.ranges(box[1]),
      ports: numbersOf(box[4]),
      ...(isSomeOfSent(box[3], asked) && { sourcePorts: numbersOf(box[3]) }),
    }
  })
}

function laid<Verdict extends Sure>(cells: readonly Cell<Verdict>[], cell: Cell<Verdict>): readonly Cell<Verdict>[] {
  let left: readonly Box[] = [cell.box]
  const next: Cell<Verdict>[] = []
  for (const before of cells) {
    const common = intersectionOfBoxes(before.box, cell.box)
    if (common === undefined) {
      next.push(before)
      continue
    }
    next.push({ box: common, of: [...before.of, ...cell.of] })
    for (const box of boxWithout(before.box, cell.box)) next.push({ box, of: before.of })
    left = left.flatMap((box) => boxWithout(box, before.box))
  }
  return [...next, ...left.map((box) => ({ box, of: cell.of }))]
}

/** Joins cells of the same arrivals that differ in one field. */
function joinedCells<Verdict extends Sure>(cells: readonly Cell<Verdict>[]): readonly Cell<Verdict>[] {
  const joined: Cell<Verdict>[] = []
  for (const cell of cells) {
    const at = joined.findIndex(
      ({ box, of }) =>
        of.length === cell.of.length &&
        of.every((one, index) => one === cell.of[index]) &&
        box.filter((set, field) => !sameIntervals(set, cell.box[field] as Intervals)).length === 1,
    )
    const before = joined[at]
    if (before === undefined) {
      joined.push(cell)
      continue
    }
    const [a, b, c, d, e] = before.box
    const [v, w, x, y, z] = cell.box
    const join = unionOfIntervals
    joined[at] = { box: [join(a, v), join(b, w), join(c, x), join(d, y), join(e, z)], of: cell.of }
  }
  return joined
}

/** Whether a part has some of the asked ports of the sender, and not all. */
function isSomeOfSent(from: Intervals, { sourcePorts }: AskedFlow): boolean {
  return sourcePorts !== undefined && !sameIntervals(from, [sourcePorts.first, sourcePorts.last + 1])
}

/** One part of what stands for the same packets; its sets are those of the first. */
function partOf<Verdict extends Sure>(
  arrivals: readonly Ending<Verdict>[],
  { asked, line, doubts }: Telling,
): Told<Verdict> {
  const [first] = arrivals as [Ending<Verdict>]
  const { piece } = first
  const { verdict, dependsOn } = verdictOver(arrivals, doubts, asked)
  const settledBy = arrivals.find((one) => one.verdict === verdict) ?? first
  const { state } = settledBy.piece
  const out = state.out.kind === 'among' && state.out.places.length === 1 ? state.out.places[0]?.name : undefined
  const becomes = becomesOf(settledBy.piece, line)
  const from = valuesOf(piece.from, 'was', coordinates4).set
  const inspected = inspectedOver(arrivals)
  const by = matchedOver(arrivals, asked)
  return {
    verdict,
    family: piece.family,
    source: rangesOf(piece, 'source', line),
    destination: rangesOf(piece, 'destination', line),
    protocol: piece.protocol,
    ports: portsOf(piece),
    ...(isSomeOfSent(from, asked) && { sourcePorts: numbersOf(from) }),
    ...(becomes !== undefined && { becomes }),
    ...(out !== undefined && { out }),
    decidedBy: stepsOver(arrivals, settledBy),
    dependsOn,
    ...(inspected !== undefined && { inspected }),
    ...(by !== undefined && { by }),
  }
}

function verdictOver<Verdict extends Sure>(
  arrivals: readonly Ending<Verdict>[],
  doubts: readonly Unknown[],
  asked: AskedFlow,
): Pick<Told<Verdict>, 'verdict' | 'dependsOn'> {
  const reasons: Unknown[] = []
  // One by one: there may be more than a call takes arguments.
  const add = (some: readonly Unknown[]): void => {
    for (const reason of some) reasons.push(reason)
  }
  const found = new Set<Verdict>()
  for (const { piece, verdict } of arrivals) {
    found.add(verdict)
    // Whether what is surely denied was denied before does not matter.
    if (verdict === 'allow' || verdict === 'misdirected') add(listOf(piece.state.doubts).flat())
    add(listOf(piece.state.unsettled).flat())
  }
  const isOpen = found.size > 1 && [...found].some((verdict) => verdict === 'allow' || verdict === 'misdirected')
  if (isOpen) for (const { piece } of arrivals) add(reasonsOfSeveral(piece, asked))
  add(doubts)
  if (reasons.length > 0 || isOpen) {
    return { verdict: isReference(reasons) ? 'unknown-ref' : 'may', dependsOn: distinct(reasons) }
  }
  const [verdict] = [...found].sort((a, b) => sures.indexOf(a) - sures.indexOf(b)) as [Verdict]
  return { verdict, dependsOn: [] }
}

function reasonsOfSeveral(
  { state, source, destination, from, to, ...piece }: Piece,
  asked: AskedFlow,
): readonly Unknown[] {
  const pools = [source, destination, from, to].flatMap(({ was }) =>
    was !== undefined && 'kept' in was && was.because !== undefined ? [was.because] : [],
  )
  const isPort = asked.sourcePorts === undefined && !isWholeRange({ state, source, destination, from, to, ...piece })
  return [...listOf(state.forks).flat(), ...pools, ...(isPort ? [chosenPort] : [])]
}

function isReference(reasons: readonly Unknown[]): boolean {
  return reasons.length > 0 && reasons.every(({ kind }) => kind === 'reference')
}

function distinct(reasons: readonly Unknown[]): readonly Unknown[] {
  return [...new Map(reasons.map((reason) => [`${reason.kind} ${reason.what}`, reason])).values()]
}

/** The steps of the part that decides, after those of the others that are not among them. */
function stepsOver(arrivals: readonly Ending[], settledBy: Ending): readonly DecidedBy[] {
  const own = listOf(settledBy.piece.state.trace)
  if (arrivals.length === 1) return own
  const others = arrivals.flatMap(({ piece }) => listOf(piece.state.trace)).filter((step) => !own.includes(step))
  return [...new Set(others), ...own]
}

function inspectedOver(arrivals: readonly Ending[]): JudgedPart['inspected'] {
  const all = arrivals.map(({ piece }) => piece.state.inspected)
  if (all.every((one) => one === 'yes')) return 'yes'
  return all.some((one) => one !== undefined) ? 'may' : undefined
}

function matchedOver(arrivals: readonly Ending[], asked: AskedFlow): JudgedPart['by'] {
  const all = arrivals.flatMap(({ piece }) => piece.state.matched ?? [])
  if (asked.name !== undefined && all.includes('name')) return 'name'
  return all.includes('dated-addresses') || asked.destinationAsOf !== undefined ? 'dated-addresses' : undefined
}

function becomesOf(piece: Piece, line: Coordinates): JudgedPart['becomes'] {
  const { source, destination, to } = piece
  if (source.was === undefined && destination.was === undefined && to.was === undefined) return undefined
  return {
    ...(source.was !== undefined && { source: rangesIn(source.now, line) }),
    ...(destination.was !== undefined && { destination: rangesIn(destination.now, line) }),
    ...(to.was !== undefined && { ports: numbersOf(to.now.set) }),
  }
}

function rangesOf(piece: Piece, end: 'source' | 'destination', line: Coordinates): readonly AddressRange[] {
  return rangesIn(valuesOf(piece[end], 'was', line), line)
}

function rangesIn({ set, within }: Values, line: Coordinates): readonly AddressRange[] {
  return line.ranges(set, within)
}

function portsOf(piece: Piece): readonly NumberRange[] {
  return piece.protocol === 1 || piece.protocol === 58 ? [] : numbersOf(valuesOf(piece.to, 'was', coordinates4).set)
}

function numbersOf(set: Intervals): readonly NumberRange[] {
  const ranges: NumberRange[] = []
  for (let i = 0; i < set.length; i += 2) ranges.push({ first: set[i] as number, last: (set[i + 1] as number) - 1 })
  return ranges
}
