import { commandLine } from '../model/flow.ts'
import type { Observation } from '../model/observation.ts'
import type { ReadListenBanner } from '../wire/listenBanner.ts'
import { hostInBanner, readListenBanner } from '../wire/listenBanner.ts'
import { isDynamicRange } from './endpointPorts.ts'
import { isOwn } from './observations.ts'
import type { Proof } from './proven.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { captureAt, hostOf, placeOf, serviceOf } from './wording.ts'

interface Met {
  readonly banner: ReadListenBanner
  readonly by: readonly Observation[]
}

/**
 * Where `postern listen` stands in for a service that is not there yet, its own words came back to the flow's question. In
 * the place of an endpoint mapper it is the mapper's port that they came from, and none of those that it would name.
 */
function listenerMet({ flow, observations, services, exchanges, handshakes, dns }: Seen): Met | undefined {
  if (isDynamicRange(flow)) return undefined
  if ([services, exchanges, handshakes, dns].some(({ worked }) => worked.length > 0)) return undefined
  const by = observations.filter((one) => isOwn(one) && bannerIn(one) !== undefined)
  const [first] = by
  const banner = first && bannerIn(first)
  return banner && { banner, by }
}

/** What a listener says of itself, where an observation holds its words. */
export function bannerIn(one: Observation): ReadListenBanner | undefined {
  const words =
    one.kind === 'name-lookup' || one.kind === 'udp-exchange'
      ? one.listener
      : 'firstOctets' in one
        ? one.firstOctets
        : undefined
  return words === undefined ? undefined : readListenBanner(words)
}

/** Question and answer passed, so both ways are open; of the service nothing is known. */
export function proofByListener(seen: Seen): Proof | undefined {
  const met = listenerMet(seen)
  if (met === undefined || isOfAnother(met, seen)) return undefined
  const { flow } = seen
  return {
    confidence: 'possible',
    says: `the path to ${placeOf(flow)} is open both ways: a listener of Postern’s answers for ${met.banner.host ?? hostOf(flow)}; ${serviceOf(flow.target)} itself is not proven`,
    decidedBy: idsOf(seen.connects.worked, met.by),
  }
}

/** The listener says for which host it stands: another one than was dialled has been reached. */
export const listenerRules: readonly Rule[] = [
  {
    cause: 'wrong-target-dnat',
    match(seen): Match | undefined {
      const met = listenerMet(seen)
      if (met === undefined || !isOfAnother(met, seen)) return undefined
      const { flow, address } = seen
      return {
        confidence: 'possible',
        says: `${placeOf(flow)} is answered by a listener of Postern’s for ${met.banner.host}, not for ${flow.to}: the path leads to another host, or the listener was started for another`,
        fix: `correct the translation or record that leads to ${met.banner.host}, or start postern listen --as ${flow.to} there`,
        alternatives: ['stale-record'],
        nextProbe: captureAt(address, flow.target),
        decidedBy: idsOf(met.by),
      }
    },
  },
]

/** A TARGET of the command line is no host of a site: whom a listener stands for says nothing against it. */
function isOfAnother({ banner }: Met, { flow }: Seen): boolean {
  return banner.host !== undefined && flow.source !== commandLine && banner.host !== hostInBanner(flow.to)
}
