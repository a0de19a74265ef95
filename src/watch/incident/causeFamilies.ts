import type { CauseCode, CauseLayer } from '../../model/cause.ts'
import { causesByLayer } from '../../model/cause.ts'
import type { FindingCode, WatchFinding } from '../../model/incident.ts'
import { watchFindings } from '../../model/incident.ts'

/**
 * Which failures can come of one fault. A dead router makes flows silent, and names and proxies behind it; it never makes a
 * certificate expire.
 */
export type CauseFamily =
  /** Packets do not arrive, or are refused. */
  | 'reach'
  | 'name'
  | 'proxy'
  /** The proxy lives and says no. */
  | 'policy'
  /** Something answers, and not as it should. */
  | 'service'
  | 'identity'
  | 'certificate'
  /** Lists and responders of a CA. */
  | 'revocation'
  | 'interception'
  | 'clock'
  /** It works, and is slow or loses packets. */
  | 'time'
  | 'tool'
  /** What shows over time and breaks nothing yet; each code by itself. */
  | 'notice'

const ofLayer: Readonly<Record<CauseLayer, CauseFamily>> = Object.freeze({
  host: 'reach',
  name: 'name',
  route: 'reach',
  transport: 'reach',
  proxy: 'proxy',
  tls: 'certificate',
  protocol: 'service',
  identity: 'identity',
  time: 'time',
})

/** Causes that belong elsewhere than their layer says. */
const exceptions: Readonly<Partial<Record<CauseCode, CauseFamily>>> = Object.freeze({
  'tool-limit': 'tool',
  'clock-wrong': 'clock',
  'wrong-target-dnat': 'service',
  // The proxy answers, and does not get on: the far end may be dead as well as its own line.
  'proxy-unreachable-target': 'reach',
  'proxy-dns': 'name',
  'proxy-name-denied': 'policy',
  'proxy-port-denied': 'policy',
  'interception-trusted': 'interception',
  'interception-untrusted': 'interception',
  'interception-partial': 'interception',
  'sni-filter': 'service',
  'big-clienthello': 'service',
  'tls-version': 'service',
  'tls-parameters': 'service',
  'mtls-terminated': 'service',
  'revocation-unreachable': 'revocation',
  'crl-stale': 'revocation',
  'clock-skew': 'clock',
  'clock-unsynchronised': 'clock',
})

const families: ReadonlyMap<string, CauseFamily> = new Map([
  ...(Object.keys(causesByLayer) as CauseLayer[]).flatMap((layer) =>
    causesByLayer[layer].map((cause): [string, CauseFamily] => [cause, exceptions[cause] ?? ofLayer[layer]]),
  ),
  // What nobody could explain is weighed with what does not arrive: most of it is silence.
  ['undetermined', 'reach'],
  // Minutes that were bad, whatever made them so.
  ['burn-rate', 'time'],
])

export function familyOf(code: FindingCode): CauseFamily {
  return families.get(code) ?? 'notice'
}

const notices: ReadonlySet<string> = new Set(watchFindings)

export function isWatchFinding(code: FindingCode): code is WatchFinding {
  return notices.has(code)
}

/**
 * Families of which one fault is told as one incident; others beside them are other faults, even of the same host. What
 * only shows over time is one by its code.
 */
export function manner(code: FindingCode): string {
  const family = familyOf(code)
  switch (family) {
    case 'reach':
    case 'name':
    case 'proxy':
    case 'service':
    case 'identity':
      return 'fails'
    case 'policy':
    case 'certificate':
    case 'revocation':
    case 'interception':
    case 'clock':
    case 'time':
    case 'tool':
      return family
    case 'notice':
      return code
    default:
      return family satisfies never
  }
}
