import type { AddressRange } from '../../addresses.ts'
import type { NumberRange, Translation } from '../../ruleset.ts'
import type { MarkWrite } from '../netfilter/marks.ts'
import { portOfService } from '../netfilter/services.ts'
import { prefixOf, rangeOf } from './addresses.ts'
import type { Option } from './options.ts'

/** Targets after which the next rule is asked, and that change nothing that decides about a packet. */
export const passingTargets: ReadonlySet<string> = new Set(
  (
    'LOG NFLOG ULOG TRACE CONNSECMARK SECMARK CLASSIFY DSCP TOS TTL HL TCPMSS TCPOPTSTRIP ECN CHECKSUM SET TEE RATEEST ' +
    'AUDIT IDLETIMER LED HMARK CONNMARK FLOWOFFLOAD'
  ).split(' '),
)

/** Targets that hand the packet to something that no rule shows. */
export const handingTargets: Readonly<Record<string, string>> = {
  NFQUEUE: 'what the program that reads the queue decides',
  QUEUE: 'what the program that reads the queue decides',
  TPROXY: 'what a transparent proxy of the machine does with it',
  SYNPROXY: 'what the SYN proxy makes of it',
  DNPT: 'what the prefix of its destination is rewritten to',
  SNPT: 'what the prefix of its source is rewritten to',
}

/** Targets that answer for nobody: the packet goes no further. */
export const droppingTargets: ReadonlySet<string> = new Set(['DROP', 'TARPIT', 'CHAOS', 'DELUDE', 'STEAL'])

const otherTargets = new Set('ACCEPT RETURN REJECT NOTRACK CT MARK DNAT SNAT MASQUERADE REDIRECT NETMAP'.split(' '))

/** Whether a name is that of a target which is known. */
export function isTarget(name: string): boolean {
  return (
    otherTargets.has(name) ||
    passingTargets.has(name) ||
    droppingTargets.has(name) ||
    Object.hasOwn(handingTargets, name)
  )
}

/** Names of options that belong to a target, whatever matches are loaded. */
export const targetOption =
  /^--(to|to-destination|to-source|to-ports|random|random-fully|persistent|reject-with|on-ip|on-port|tproxy-mark|set-mark|set-xmark|and-mark|or-mark|xor-mark|save-mark|restore-mark|ctmask|nfmask|mask|notrack|helper|zone(-orig|-reply)?|ctevents|expevents|timeout|queue-\w[\w-]*|log-\w[\w-]*|nflog-\w[\w-]*|ulog-\w[\w-]*|set-class|set-dscp(-class)?|set-tos|ttl-\w+|hl-\w+|set-mss|clamp-mss-to-pmtu|strip-options|ecn-tcp-remove|checksum-fill|add-set|del-set|map-set|exist|map-\w+|gateway|rateest-\w+|type|sack-perm|timestamp|wscale|mss|ecn|label|selctx|save|restore|hmark-\w[\w-]*|led-\w[\w-]*|hw|tarpit|honeypot|reset)$/

function firstValueOf(options: readonly Option[], name: string): string | undefined {
  return options.find((option) => option.name === name)?.values[0]
}

const number = /^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})(?:\/(0[xX][0-9a-fA-F]{1,8}|\d{1,10}))?$/

/** What `-j MARK` does; undefined where its value is not understood. */
export function markWriteOf(options: readonly Option[]): MarkWrite | undefined {
  for (const { name, values } of options) {
    const found = number.exec(values[0] ?? '')
    if (found === null) continue
    const value = Number(found[1]) | 0
    const mask = found[2] === undefined ? -1 : Number(found[2]) | 0
    switch (name) {
      case '--set-mark':
        // Bits of the mask are cleared, and those of the value set.
        return { keep: ~mask & ~value, xor: value }
      case '--set-xmark':
        return { keep: ~mask, xor: value }
      case '--and-mark':
        return { keep: value, xor: 0 }
      case '--or-mark':
        return { keep: ~value, xor: value }
      case '--xor-mark':
        return { keep: -1, xor: value }
      default:
    }
  }
  return undefined
}

/** Where an address is translated to, or why that is not understood. */
export type TargetOf =
  | {
      readonly ok: Translation
      /** Any of some ports. */
      readonly isPool: boolean
      /** The port that becomes the first of them, where those behind it follow in their order. */
      readonly shiftsFrom?: number
    }
  | undefined

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : portOfService(text)
  return port === undefined || port > 65535 ? undefined : port
}

/** `5000`, `5000-5010`, and `5000-5010/6000`, which keeps offsets from the port behind the slash. */
function portsOf(text: string): { readonly ports: NumberRange; readonly from?: number } | undefined {
  const [range = '', base] = text.split('/')
  const [from = '', to = from] = range.split('-')
  const [first, last] = [portOf(from), portOf(to)]
  if (first === undefined || last === undefined || last < first) return undefined
  const start = base === undefined ? undefined : portOf(base)
  return { ports: { first, last }, ...(start !== undefined && { from: start }) }
}

/** Any of a range: in two parts, since one of the size of what is asked for would keep offsets. */
function pool(range: AddressRange): readonly AddressRange[] {
  if (range.first === range.last) return [range]
  return [
    { ...range, last: range.first },
    { ...range, first: range.first + 1n },
  ]
}

/** `--to-destination` and `--to-source`: `address[-address][:port[-port]]`, IPv6 in brackets where a port follows. */
export function natTargetOf(options: readonly Option[], name: string, family: 4 | 6): TargetOf {
  const values = options.filter((option) => option.name === name).map((option) => option.values[0] ?? '')
  // Old kernels took several pools.
  if (values.length !== 1) return undefined
  const [text = ''] = values
  const found =
    /^(?:\[([^\]]+)\](?:-\[([^\]]+)\])?|([^:[\]]*)|([0-9a-fA-F:.-]*:[0-9a-fA-F:.-]*:[0-9a-fA-F:.-]*))(?::([^:]+))?$/.exec(
      text,
    )
  if (found === null) return undefined
  const bracketed = found[1] === undefined ? undefined : found[2] === undefined ? found[1] : `${found[1]}-${found[2]}`
  const host = bracketed ?? found[3] ?? found[4] ?? ''
  const range = host === '' ? undefined : rangeOf(host, family)
  const ports = found[5] === undefined ? undefined : portsOf(found[5])
  if ((host !== '' && range === undefined) || (found[5] !== undefined && ports === undefined)) return undefined
  return {
    ok: { ...(range !== undefined && { to: pool(range) }), ...(ports !== undefined && { ports: ports.ports }) },
    isPool: ports !== undefined && ports.ports.first !== ports.ports.last,
    ...(ports?.from !== undefined && { shiftsFrom: ports.from }),
  }
}

/** `MASQUERADE` and `REDIRECT`: an address of the machine's own, with `--to-ports` where it says so. */
export function ownTargetOf(options: readonly Option[]): TargetOf {
  const text = firstValueOf(options, '--to-ports')
  const ports = text === undefined ? undefined : portsOf(text)
  if (text !== undefined && ports === undefined) return undefined
  return {
    ok: { to: 'interface', ...(ports !== undefined && { ports: ports.ports }) },
    isPool: ports !== undefined && ports.ports.first !== ports.ports.last,
  }
}

/** `NETMAP --to prefix`: what stands behind the prefix stays. */
export function netmapTargetOf(options: readonly Option[], family: 4 | 6): AddressRange | undefined {
  const text = firstValueOf(options, '--to')
  return text === undefined ? undefined : prefixOf(text, family)
}
