import type { AddressRange } from './addresses.ts'
import { mergedRanges, rangesWithout } from './addresses.ts'
import { askedEnds } from './askedPieces.ts'
import { coordinates4, coordinates6 } from './coordinates.ts'
import { resolved } from './judge.ts'
import type { AskedFlow, JudgedPath, JudgedPathPart, Knowledge, PathDevice, PathStep } from './judged.ts'
import { partsOf } from './partsOf.ts'
import { verdictOver } from './verdictOver.ts'
import type { PathArrival } from './walkPath.ts'
import { pieceFrom, walkPath } from './walkPath.ts'

/** What more is known of a flow over several devices. */
export interface PathOptions {
  /** Addresses of the flow's true target, where they are not those that are asked for: behind a published address. Absent: where it was sent to. */
  readonly arrives?: readonly AddressRange[]
  /** As {@link import('./judge.ts').JudgeOptions.most}, over all devices. */
  readonly most?: number
}

/**
 * Judges a flow by the devices that it meets, in their order: each gets the parts that the one before let through, as
 * they became. What arrives elsewhere than it was sent to is misdirected. Before a proxy the flow is one to the proxy,
 * behind it one from the proxy; the proxy itself judges the client, the name and the request.
 *
 * @returns parts in terms of the flow as it set out. Without devices, all of it passes.
 */
export function judgePath(
  devices: readonly PathDevice[],
  asked: AskedFlow,
  knowledge: Knowledge,
  given: PathOptions = {},
): JudgedPath {
  const flow = resolved(asked, knowledge)
  const budget = { left: given.most ?? 20_000_000 }
  const target = given.arrives ?? flow.destination
  const parts = ([4, 6] as const).flatMap((family) => {
    const start = askedEnds(flow, family)
    if (start === undefined) return []
    return partsIn(walkPath(devices, flow, start, knowledge, budget), flow, family, target)
  })
  return { ...verdictOver(parts, flow.destination === undefined), parts }
}

function partsIn(
  arrivals: readonly PathArrival[],
  asked: AskedFlow,
  family: 4 | 6,
  target: readonly AddressRange[] | undefined,
): readonly JudgedPathPart[] {
  const ranges = arrivals.flatMap(({ was, now }) => [was, now].flatMap((ends) => [...ends.source, ...ends.destination]))
  const line = family === 4 ? coordinates4 : coordinates6(ranges)
  const wanted = target === undefined ? undefined : mergedRanges(target)
  const parts = partsOf(
    arrivals.map((arrival) => ({
      piece: pieceFrom(arrival, line),
      verdict: arrival.verdict === 'allow' && isElsewhere(arrival, wanted) ? ('misdirected' as const) : arrival.verdict,
    })),
    { asked, line, doubts: [] },
  )
  return parts.map(({ decidedBy, ...part }) => {
    const steps = decidedBy.filter((step): step is PathStep => 'device' in step)
    const last = part.verdict === 'allow' ? undefined : deciding(steps, part.verdict)?.device
    const to = part.verdict === 'misdirected' ? part.becomes?.destination : undefined
    return {
      ...part,
      decidedBy: steps,
      ...(to !== undefined && { to }),
      ...(last !== undefined && { at: last }),
    }
  })
}

/** The step that made a part what it is: the last that denied, doubted or translated, else the last of all. */
function deciding(steps: readonly PathStep[], verdict: JudgedPathPart['verdict']): PathStep | undefined {
  const isWhy = ({ does }: PathStep): boolean =>
    verdict === 'misdirected' ? does === 'translates' : does === 'drops' || does === 'rejects' || does === 'may'
  return steps.findLast(isWhy) ?? steps.at(-1)
}

/** Whether a flow was led to where it was not sent. */
function isElsewhere(arrival: PathArrival, wanted: readonly AddressRange[] | undefined): boolean {
  const arrived = mergedRanges(arrival.now.destination)
  const isTranslated = rangesWithout(arrived, mergedRanges(arrival.was.destination)).length > 0
  return isTranslated && (wanted === undefined || rangesWithout(arrived, wanted).length > 0)
}
