import type { AddressRange } from './addresses.ts'
import { commonRanges, mergedRanges, rangesWithout } from './addresses.ts'
import type { Intervals } from './intervals.ts'
import { intersectionOfIntervals, intervalsOf, intervalsWithout } from './intervals.ts'
import type { Permit } from './permit.ts'
import type { NumberRange } from './ruleset.ts'

/** Part of the space of packets, of one family and transport. */
export interface Part {
  readonly source: readonly AddressRange[]
  readonly destination: readonly AddressRange[]
  readonly ports: Intervals
}

/** What a permit asks for: of a name without addresses nothing. Or what a part of an answer is about. */
export function partOf(
  asked:
    | Pick<Permit, 'from' | 'to' | 'ports' | 'transport'>
    | (Omit<Part, 'ports'> & Pick<Permit, 'ports' | 'transport'>),
): Part {
  const [source, destination] =
    'from' in asked ? [asked.from.ranges, asked.to.ranges] : [asked.source, asked.destination]
  return {
    source: mergedRanges(source),
    destination: mergedRanges(destination),
    ports:
      asked.transport === 'icmp' ? [0, 1] : intervalsOf(asked.ports.flatMap(({ first, last }) => [first, last + 1])),
  }
}

/** What is left of a part without others. */
export function without(whole: Part, permits: readonly Part[]): readonly Part[] {
  let left: readonly Part[] = [whole]
  for (const permit of permits) {
    if (left.length === 0) return left
    left = left.flatMap((part) => partWithout(part, permit))
  }
  return left
}

/** What is left of a part without another: at most three, none over another. */
function partWithout(part: Part, other: Part): readonly Part[] {
  const ports = intersectionOfIntervals(part.ports, other.ports)
  if (ports.length === 0) return [part]
  const source = commonRanges(part.source, other.source)
  if (source.length === 0) return [part]
  const destination = commonRanges(part.destination, other.destination)
  if (destination.length === 0) return [part]
  const left: Part[] = [
    { ...part, ports: intervalsWithout(part.ports, other.ports) },
    { source: rangesWithout(part.source, other.source), destination: part.destination, ports },
    { source, destination: rangesWithout(part.destination, other.destination), ports },
  ]
  return left.filter((one) => one.ports.length > 0 && one.source.length > 0 && one.destination.length > 0)
}

/** Half-open intervals as ranges of ports. */
export function rangesOfIntervals(set: Intervals): readonly NumberRange[] {
  const ranges: NumberRange[] = []
  for (let at = 0; at + 1 < set.length; at += 2) {
    ranges.push({ first: set[at] as number, last: (set[at + 1] as number) - 1 })
  }
  return ranges
}
