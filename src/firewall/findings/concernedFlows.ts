import type { Addresses, AddressRange } from '../addresses.ts'
import { commonRanges, mergedRanges } from '../addresses.ts'
import type { Audited, AuditedFlow } from '../audited.ts'
import type { AskedFlow } from '../judged.ts'
import type { Match, NumberRange, Rule } from '../ruleset.ts'
import type { Span } from '../source.ts'

/** Flows of which a rule decided some part, or was one that decided. */
export function flowsDecidedBy({ flows }: Pick<Audited, 'flows'>, { name, span }: Rule): readonly AuditedFlow[] {
  return flows.filter(({ judged }) =>
    judged.parts.some(({ decidedBy }) =>
      decidedBy.some((step) => step.rule === name && step.span !== undefined && isSamePlace(step.span, span)),
    ),
  )
}

export function isSamePlace(some: Span, other: Span): boolean {
  return some.file === other.file && some.line === other.line && some.path === other.path
}

/** Whether a rule speaks of packets that a flow has as it sets out, as far as addresses, protocol and ports go. */
export function speaksOf({ match }: Rule, { source, destination, transport, ports, sourcePorts }: AskedFlow): boolean {
  const family = (range: AddressRange): boolean => match.family === undefined || match.family === range.family
  return (
    meets(match.source, source.filter(family)) &&
    (destination === undefined || meets(match.destination, destination.filter(family))) &&
    hasProtocol(match, transport) &&
    (transport === 'icmp' ||
      (meetNumbers(match.destinationPorts, ports) &&
        (sourcePorts === undefined || meetNumbers(match.sourcePorts, [sourcePorts]))))
  )
}

function meets(set: Addresses | undefined, ranges: readonly AddressRange[]): boolean {
  if (set === undefined) return ranges.length > 0
  const reach = mergedRanges([...set.sure, ...set.possible.flatMap(({ within }) => within)])
  return commonRanges(reach, mergedRanges(ranges)).length > 0
}

function hasProtocol({ protocols, icmp }: Match, transport: AskedFlow['transport']): boolean {
  const numbers = { tcp: [6], udp: [17], icmp: [1, 58] }[transport]
  if (icmp !== undefined && transport !== 'icmp') return false
  return (
    protocols === undefined || protocols.some((range) => numbers.some((at) => range.first <= at && at <= range.last))
  )
}

function meetNumbers(some: readonly NumberRange[] | undefined, others: readonly NumberRange[]): boolean {
  return some === undefined || some.some((a) => others.some((b) => a.first <= b.last && b.first <= a.last))
}

export function idsOf(flows: readonly AuditedFlow[]): readonly string[] {
  return [...new Set(flows.map(({ id }) => id))]
}
