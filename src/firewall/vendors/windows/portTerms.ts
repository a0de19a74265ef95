import type { NumberRange } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'

/** Ports that a word stands for, and why nobody knows which of them it is. */
export interface PortWord {
  readonly ports: NumberRange
  readonly unknown: Unknown
}

export interface PortTerms {
  /** Absent: any port. */
  readonly ports?: readonly NumberRange[]
  readonly words: readonly PortWord[]
  readonly faults: readonly string[]
}

const dynamic = (what: string, first = 1, last = 65535): PortWord => ({
  ports: { first, last },
  unknown: { kind: 'dynamic-set', what },
})

/** Words for ports that are taken while Windows runs. */
const words: Readonly<Record<string, PortWord>> = {
  rpc: dynamic('which ports RPC servers of the machine were given (usually 49152 to 65535)'),
  iphttps: dynamic('whether and where the machine serves IP-HTTPS'),
  iphttpsin: dynamic('whether and where the machine serves IP-HTTPS'),
  iptlsin: dynamic('whether and where the machine serves IP-HTTPS'),
  iphttpsout: dynamic('to which port the machine speaks IP-HTTPS'),
  iptlsout: dynamic('to which port the machine speaks IP-HTTPS'),
  teredo: dynamic('which port Teredo uses'),
  ply2disc: dynamic('which ports the discovery of Play To devices uses'),
  playtodiscovery: dynamic('which ports the discovery of Play To devices uses'),
  cortana_out: dynamic('which port Cortana uses'),
}

/** Words with one port: the RPC endpoint mapper (MS-RPCE 2.1.1.1), multicast DNS (RFC 6762 §5). */
const fixed: Readonly<Record<string, number>> = { rpcepmap: 135, mdns: 5353 }

/** Reads the values of LocalPort or RemotePort: numbers, ranges, words, `Any`. */
export function portsOfTerms(values: readonly string[]): PortTerms {
  const terms = values.flatMap((value) => value.split(/[,;\s]+/)).filter((term) => term !== '')
  if (terms.some((term) => /^(any|\*)$/i.test(term))) return { words: [], faults: [] }
  const ports: NumberRange[] = []
  const found: PortWord[] = []
  const faults: string[] = []
  for (const term of terms) {
    const word = term.toLowerCase()
    const plain = word.replaceAll('-', '')
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(term)
    const first = Number(match?.[1])
    const last = Number(match?.[2] ?? match?.[1])
    if (match !== null && first <= last && last <= 65535) ports.push({ first, last })
    else if (Object.hasOwn(fixed, plain)) ports.push({ first: fixed[plain] ?? 0, last: fixed[plain] ?? 0 })
    else if (Object.hasOwn(words, word) && words[word] !== undefined) found.push(words[word])
    else faults.push(term)
  }
  return { ports, words: found, faults }
}

/** Protocols by the names that the cmdlets, netsh and wf.msc have for them. */
const protocols: Readonly<Record<string, number>> = {
  hopopt: 0,
  icmp: 1,
  icmpv4: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  ipv6route: 43,
  ipv6frag: 44,
  gre: 47,
  icmpv6: 58,
  ipv6nonxt: 59,
  ipv6opts: 60,
  vrrp: 112,
  pgm: 113,
  l2tp: 115,
}

/** The number of a protocol; `any`, or undefined for what is neither a name nor a number up to 256. */
export function protocolOf(value: string): number | 'any' | undefined {
  const word = value.trim().toLowerCase().replaceAll('-', '')
  // 256 is how FW_RULE says any (MS-FASP 2.2.37).
  if (word === 'any' || word === '*' || word === '256') return 'any'
  if (/^\d{1,3}$/.test(word) && Number(word) <= 255) return Number(word)
  return Object.hasOwn(protocols, word) ? protocols[word] : undefined
}

/** `8`, `8:0`, `8:*`, `3:4-5`, `Any`; undefined for other text. */
export function icmpOf(value: string): { readonly type: NumberRange; readonly code?: NumberRange } | 'any' | undefined {
  if (/^(any|\*(:\*)?)$/i.test(value.trim())) return 'any'
  const match = /^(\d{1,3})(?::(?:(\d{1,3})(?:-(\d{1,3}))?|\*))?$/.exec(value.trim())
  if (match === null) return undefined
  const type = Number(match[1])
  const first = Number(match[2])
  const last = Number(match[3] ?? match[2])
  if (type > 255) return undefined
  if (match[2] === undefined) return { type: { first: type, last: type } }
  return first > last || last > 255 ? undefined : { type: { first: type, last: type }, code: { first, last } }
}
