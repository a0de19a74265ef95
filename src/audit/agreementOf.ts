import type { FlowOnWire } from '../model/auditOnWire.ts'
import type { AuditFlowReport, AuditPart, AuditVerdict } from '../model/auditReport.ts'
import type { CauseCode } from '../model/cause.ts'
import { canonicalAddress, cidrContains, parseAddress, parseCidr } from '../model/cidr.ts'
import type { FlowReport } from '../model/report.ts'

/** What the wire shows of a flow's way, whatever the services at its end say. */
type Shown = 'passes' | 'kept-back' | 'kept-back-by-proxy' | 'led-elsewhere' | 'nothing'

/** Causes by which something on the way keeps packets back. A refusal of which nobody knows whose it is, is none. */
const keepsBack: ReadonlySet<CauseCode> = new Set([
  'filtered-silently',
  'refused-by-firewall',
  'admin-prohibited',
  'udp-only-filtered',
  'payload-dropped',
  'no-route',
  'split-tunnel-excludes',
  'asymmetric-path',
])

const byProxy: ReadonlySet<CauseCode> = new Set(['proxy-name-denied', 'proxy-port-denied'])

/** How paper and wire stand to each other for one flow. */
export function agreementOf(paper: AuditFlowReport, wire: FlowReport): FlowOnWire {
  const { verdict, cause, confidence, says, target } = wire
  const address = target.address === undefined ? undefined : canonicalAddress(target.address)
  return {
    agreement: agreement(paperOf(paper, wire), paper.denial, wire),
    verdict,
    ...(cause !== undefined && { cause }),
    confidence,
    says,
    ...(address !== undefined && { address }),
  }
}

function agreement(
  paper: AuditVerdict | undefined,
  denial: AuditFlowReport['denial'],
  wire: FlowReport,
): FlowOnWire['agreement'] {
  const shown = shownBy(wire)
  if (paper === undefined) return 'not-told'
  switch (shown) {
    case 'nothing':
      // Whoever refused, the paper has somebody who does.
      return wire.cause === 'refused' && paper === 'deny' && denial !== 'drop' ? 'agrees' : 'not-told'
    case 'passes':
      if (paper === 'allow') return 'agrees'
      if (paper === 'may' || paper === 'unknown-ref') return 'settled-open'
      // Another host that answers as the right one does is no contradiction.
      return paper === 'misdirected' ? 'not-told' : 'configuration-differs'
    case 'kept-back':
      if (paper === 'allow') return 'unknown-device'
      return paper === 'may' || paper === 'unknown-ref'
        ? 'settled-closed'
        : paper === 'misdirected'
          ? 'not-told'
          : 'agrees'
    case 'kept-back-by-proxy':
      if (paper === 'allow') return 'configuration-differs'
      return paper === 'may' || paper === 'unknown-ref'
        ? 'settled-closed'
        : paper === 'misdirected'
          ? 'not-told'
          : 'agrees'
    case 'led-elsewhere':
      if (paper === 'misdirected') return 'agrees'
      return paper === 'allow' ? 'unknown-device' : 'not-told'
    default:
      return shown satisfies never
  }
}

function shownBy({ verdict, cause, confidence }: FlowReport): Shown {
  if (verdict === 'open' || verdict === 'degraded') return 'passes'
  if (cause === undefined) return 'nothing'
  // The host itself was heard: packets come to it.
  if (cause === 'refused-by-host') return confidence === 'possible' ? 'nothing' : 'passes'
  if (cause === 'wrong-target-dnat') return 'led-elsewhere'
  if (verdict !== 'blocked' || confidence === 'undetermined') return 'nothing'
  return byProxy.has(cause) ? 'kept-back-by-proxy' : keepsBack.has(cause) ? 'kept-back' : 'nothing'
}

/**
 * What the configurations do with what was dialled: of a name with many addresses the check has seen one, and a host of a
 * network has one of its addresses.
 *
 * @returns undefined where that is no part of what was judged, or where its parts differ
 */
function paperOf({ parts, verdict }: AuditFlowReport, wire: FlowReport): AuditVerdict | undefined {
  const { address } = wire.target
  const own = wire.evidence.flatMap((seen) =>
    seen.kind === 'tcp-connect' && seen.role === 'probe' && seen.localAddress !== undefined ? [seen.localAddress] : [],
  )[0]
  const about = parts.filter(
    ({ for: { destinations, sources } }) =>
      (address === undefined || holds(destinations, address)) && (own === undefined || holds(sources, own)),
  )
  const verdicts = new Set(about.map((part: AuditPart) => part.verdict))
  const [only, ...others] = verdicts
  if (others.length > 0) return undefined
  return only ?? (parts.length === 0 ? verdict : undefined)
}

/** Whether texts of a report (`any`, addresses, prefixes, `first-last`, names) have an address; a name may. */
function holds(texts: readonly string[], text: string): boolean {
  const address = parseAddress(text)
  if (address === undefined) return true
  return texts.some((one) => {
    if (one === 'any') return true
    const [low = '', high] = one.split('-')
    const [first, last] = [parseAddress(low), high === undefined ? undefined : parseAddress(high)]
    if (first !== undefined && last !== undefined) {
      return first.family === address.family && first.value <= address.value && address.value <= last.value
    }
    if (first !== undefined && high === undefined)
      return first.family === address.family && first.value === address.value
    const block = parseCidr(one)
    return !('ok' in block) || cidrContains(block.ok, address)
  })
}
