import { addressesOf, outsideOf } from '../../addresses.ts'
import { everyOctet, everyPort, mergedNumbers, numbers, numbersWithout, one } from '../../numberRanges.ts'
import type { ConnectionState, Match, NumberRange } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { iptablesIcmpOf } from '../netfilter/icmpNames.ts'
import type { Marks } from '../netfilter/marks.ts'
import { protocolNumber } from '../netfilter/protocolNames.ts'
import { portOfService } from '../netfilter/services.ts'
import { trackedStates, translatedTag } from '../netfilter/trackedStates.ts'
import type { Way } from '../netfilter/way.ts'
import { always, bothOf, depends } from '../netfilter/way.ts'
import { addressListOf, rangeOf } from './addresses.ts'

/** What matches are read in. */
export interface MatchScope {
  readonly family: 4 | 6
  /** Hooks from which packets come to the chain. */
  readonly hooks: ReadonlySet<string>
  /** The chain is in the table `raw`, before connection tracking: every packet is of state INVALID there. */
  readonly isUntracked: boolean
  readonly hasNotrack: boolean
  readonly marks: Marks
}

/** Ways in which an option of a match holds; none: never. Undefined: its value is not understood. */
export type MatchOption = (values: readonly string[], isNot: boolean, scope: MatchScope) => readonly Way[] | undefined

const never: readonly Way[] = []

function way(match: Match, unknowns: readonly Unknown[] = []): readonly Way[] {
  return [{ match, unknowns }]
}

/** `80`, `http`, `1000:2000`, `:1023`, `1024:`. */
export function portRangeOf(text: string): NumberRange | undefined {
  const [from = '', to = from] = text.split(':')
  const one = (part: string, open: number): number | undefined =>
    part === '' ? open : /^\d{1,5}$/.test(part) ? Number(part) : portOfService(part)
  const [first, last] = [one(from, 0), one(to, 65535)]
  return first === undefined || last === undefined || last < first || last > 65535 || text === ''
    ? undefined
    : { first, last }
}

function portsOf(text: string): readonly NumberRange[] | undefined {
  const found = text.split(',').map(portRangeOf)
  return found.every((range) => range !== undefined) ? mergedNumbers(found) : undefined
}

function portOption(...sides: readonly ('sourcePorts' | 'destinationPorts')[]): MatchOption {
  return ([text = ''], isNot) => {
    const found = portsOf(text)
    const set = found && isNot ? numbersWithout(everyPort, found) : found
    if (set === undefined) return undefined
    if (set.length === 0) return never
    // `--ports` of either end; negated, of neither.
    if (isNot) return way(Object.fromEntries(sides.map((side) => [side, set])))
    return sides.map((side) => ({ match: { [side]: set }, unknowns: [] }))
  }
}

const flagBits: Readonly<Record<string, number>> = {
  FIN: 1,
  SYN: 2,
  RST: 4,
  PSH: 8,
  ACK: 16,
  URG: 32,
  ALL: 63,
  NONE: 0,
}

function tcpFlags(mask: string, value: string, isNot: boolean): readonly Way[] | undefined {
  const bitsOf = (text: string): number | undefined =>
    text.split(',').reduce<number | undefined>((sum, name) => {
      const bit = Object.hasOwn(flagBits, name) ? flagBits[name] : undefined
      return sum === undefined || bit === undefined ? undefined : sum | bit
    }, 0)
  const [looked, wanted] = [bitsOf(mask), bitsOf(value)]
  if (looked === undefined || wanted === undefined) return undefined
  const protocols = numbers(6)
  const isPossible = (wanted & ~looked) === 0
  if (!isNot) return isPossible ? way({ protocols, tcpFlags: [{ mask: looked, value: wanted }] }) : never
  if (!isPossible) return way({ protocols })
  const bits = [1, 2, 4, 8, 16, 32].filter((bit) => (looked & bit) !== 0)
  return bits.length === 0
    ? never
    : way({ protocols, tcpFlags: bits.map((bit) => ({ mask: bit, value: ~wanted & bit })) })
}

const stateNames: Readonly<Record<string, ConnectionState>> = {
  NEW: 'new',
  ESTABLISHED: 'established',
  RELATED: 'related',
  INVALID: 'invalid',
  UNTRACKED: 'untracked',
}
const everyState: readonly ConnectionState[] = Object.values(stateNames)

/** `--ctstate` and `--state`; SNAT and DNAT are states of their own there, beside the others. */
const states: MatchOption = ([text = ''], isNot, scope) => {
  const words = text.toUpperCase().split(',')
  const named = words.flatMap((word) => (Object.hasOwn(stateNames, word) ? [stateNames[word] as ConnectionState] : []))
  const tags = words.flatMap((word) =>
    word === 'DNAT' ? [translatedTag.destination] : word === 'SNAT' ? [translatedTag.source] : [],
  )
  if (named.length + tags.length !== words.length) return undefined
  const asked = isNot ? everyState.filter((state) => !named.includes(state)) : named
  const held = heldStates(asked, scope)
  if (!isNot) return [...held, ...tags.map((tag) => ({ match: { tagged: { tag } }, unknowns: [] }))]
  return tags.reduce<readonly Way[] | undefined>(
    (ways, tag) => (ways === undefined ? undefined : bothOf(ways, way({ tagged: { tag, not: true } }))),
    held,
  )
}

function heldStates(asked: readonly ConnectionState[], { isUntracked, hasNotrack }: MatchScope): readonly Way[] {
  if (asked.length === 0) return never
  if (isUntracked) return asked.includes('invalid') ? always : never
  return hasNotrack ? trackedStates(asked) : way({ states: asked })
}

const icmpOption: MatchOption = ([text = ''], isNot, { family }) => {
  const found = iptablesIcmpOf(text, family)
  const protocols = numbers(family === 4 ? 1 : 58)
  if (found === undefined) return undefined
  if (found === 'every') return isNot ? never : way({ protocols })
  const [octet] = everyOctet
  if (octet === undefined) return undefined
  const { type, code } = found
  if (!isNot)
    return way({ protocols, icmp: [code === undefined ? { type: one(type) } : { type: one(type), code: one(code) }] })
  const otherTypes = numbersWithout(everyOctet, [one(type)]).map((range) => ({ type: range }))
  const otherCodes =
    code === undefined ? [] : numbersWithout(everyOctet, [one(code)]).map((range) => ({ type: one(type), code: range }))
  return way({ protocols, icmp: [...otherTypes, ...otherCodes] })
}

function rangeOption(side: 'source' | 'destination'): MatchOption {
  return ([text = ''], isNot, { family }) => {
    const range = rangeOf(text, family)
    if (range === undefined) return undefined
    const set = isNot ? outsideOf(addressesOf([range]), [family]) : addressesOf([range])
    return set.sure.length === 0 ? never : way({ [side]: set })
  }
}

/** `-s`, `-d` and the like. */
export function addressOption(side: 'source' | 'destination'): MatchOption {
  return ([text = ''], isNot, { family }) => {
    const set = addressListOf(text, family, isNot)
    if (set === undefined) return undefined
    return set.sure.length === 0 && set.possible.length === 0 ? never : way({ [side]: set })
  }
}

/** `-i`, `-o`: a `+` at the end stands for any ending. */
export function interfaceOption(side: 'in' | 'out'): MatchOption {
  return ([text = ''], isNot) => {
    if (text === '') return undefined
    const names = [text.replace(/\+$/, '*')]
    if (names[0] === '*') return isNot ? never : always
    return way({ [side]: isNot ? { names, inverted: true } : { names } })
  }
}

/** `-p`. */
export const protocolOption: MatchOption = ([text = ''], isNot) => {
  if (text === 'all' || text === '0') return isNot ? never : always
  const number = /^\d{1,3}$/.test(text) ? Number(text) : protocolNumber(text)
  if (number === undefined || number > 255) return undefined
  return way({ protocols: isNot ? numbersWithout(everyOctet, numbers(number)) : numbers(number) })
}

/** `-f`: fragments behind the first; what is judged is whole, and only datagrams are ever cut. */
export const fragmentOption: MatchOption = (_values, isNot) =>
  isNot
    ? always
    : depends(
        { kind: 'packet', what: 'whether it is a fragment' },
        { protocols: numbersWithout(everyOctet, numbers(6)) },
      )

/** `--dst-type LOCAL`: forwarded packets are for others, and what came to INPUT is for the machine. */
const destinationType: MatchOption = ([text = ''], isNot, { hooks }) => {
  const types = text.toUpperCase().split(',')
  const [hook] = hooks
  const type = hooks.size !== 1 ? undefined : hook === 'input' ? 'LOCAL' : hook === 'forward' ? 'UNICAST' : undefined
  if (type !== undefined) return types.includes(type) !== isNot ? always : never
  // A conversation is with one host, and never with a broadcast or multicast address.
  if (!types.includes('LOCAL') && !types.includes('UNICAST')) return isNot ? always : never
  return depends({ kind: 'place', what: 'whether the destination is an address of the machine itself' })
}

const sourceType: MatchOption = ([text = ''], isNot) => {
  const types = text.toUpperCase().split(',')
  if (!types.includes('LOCAL') && !types.includes('UNICAST')) return isNot ? always : never
  return depends({ kind: 'place', what: 'whether the source is an address of the machine itself' })
}

/** `--mark value[/mask]`. */
const markOption: MatchOption = ([text = ''], isNot, { marks, hooks }) => {
  const found = /^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})(?:\/(0[xX][0-9a-fA-F]{1,8}|\d{1,10}))?$/.exec(text)
  if (found === null) return undefined
  const mask = found[2] === undefined ? -1 : Number(found[2]) | 0
  return marks.test({ mask, value: Number(found[1]) | 0 }, isNot, hooks)
}

const note: MatchOption = () => always

function option(kind: Unknown['kind'], what: string): MatchOption {
  return () => depends({ kind, what })
}

const ports: Readonly<Record<string, MatchOption>> = {
  '--sport': portOption('sourcePorts'),
  '--source-port': portOption('sourcePorts'),
  '--dport': portOption('destinationPorts'),
  '--destination-port': portOption('destinationPorts'),
}
const icmp: Readonly<Record<string, MatchOption>> = {
  '--icmp-type': icmpOption,
  '--icmpv6-type': icmpOption,
}
const conntrack: Readonly<Record<string, MatchOption>> = {
  '--state': states,
  '--ctstate': states,
  '--ctdir': ([text = ''], isNot) =>
    /^(original|reply)$/i.test(text)
      ? way({
          states:
            (text.toLowerCase() === 'original') !== isNot
              ? ['new', 'invalid', 'untracked']
              : ['established', 'related'],
        })
      : undefined,
  '--ctproto': protocolOption,
  '--ctstatus': option('packet', 'the status of the connection'),
  '--ctexpire': option('packet', 'how long the connection is kept'),
  ...Object.fromEntries(
    ['origsrc', 'origdst', 'replsrc', 'repldst', 'origsrcport', 'origdstport', 'replsrcport', 'repldstport'].map(
      (name) => [`--ct${name}`, option('packet', 'the addresses and ports with which the connection began')],
    ),
  ),
}

/** Options of the matches whose options a flow can be held against. */
export const matchOptions: Readonly<Record<string, Readonly<Record<string, MatchOption>>>> = {
  tcp: {
    ...ports,
    '--syn': (_values, isNot) => tcpFlags('FIN,SYN,RST,ACK', 'SYN', isNot),
    '--tcp-flags': ([mask = '', value = ''], isNot) => tcpFlags(mask, value, isNot),
    '--tcp-option': option('packet', 'its TCP options'),
  },
  udp: ports,
  udplite: ports,
  sctp: { ...ports, '--chunk-types': option('packet', 'its SCTP chunks') },
  dccp: {
    ...ports,
    '--dccp-types': option('packet', 'its DCCP type'),
    '--dccp-option': option('packet', 'its DCCP options'),
  },
  multiport: {
    '--sports': portOption('sourcePorts'),
    '--source-ports': portOption('sourcePorts'),
    '--dports': portOption('destinationPorts'),
    '--destination-ports': portOption('destinationPorts'),
    '--ports': portOption('sourcePorts', 'destinationPorts'),
  },
  icmp,
  icmp6: icmp,
  icmpv6: icmp,
  'ipv6-icmp': icmp,
  state: conntrack,
  conntrack,
  iprange: { '--src-range': rangeOption('source'), '--dst-range': rangeOption('destination') },
  mark: { '--mark': markOption },
  addrtype: {
    '--src-type': sourceType,
    '--dst-type': destinationType,
    '--limit-iface-in': note,
    '--limit-iface-out': note,
  },
  set: {
    '--match-set': ([name = '']) => depends({ kind: 'dynamic-set', what: `what the ipset ${name} has in it` }),
    '--set': ([name = '']) => depends({ kind: 'dynamic-set', what: `what the ipset ${name} has in it` }),
  },
  recent: { '--set': (_values, isNot) => (isNot ? never : always) },
  comment: { '--comment': note },
  nfacct: { '--nfacct-name': note },
}

const open = (kind: Unknown['kind'], what: string, options: RegExp): { unknown: Unknown; options: RegExp } => ({
  unknown: { kind, what },
  options,
})

/** Matches that a flow tells nothing about: on what they depend, and the options that are theirs. */
export const openMatches: Readonly<
  Record<string, { readonly unknown: Unknown; readonly options: RegExp } | undefined>
> = {
  limit: open('limit', 'a limit on the rate', /^--limit/),
  hashlimit: open('limit', 'a limit on the rate', /^--hashlimit/),
  connlimit: open('limit', 'a limit on connections', /^--connlimit/),
  quota: open('limit', 'a quota of octets', /^--quota/),
  connbytes: open('packet', 'how much the connection has carried', /^--connbytes/),
  rateest: open('limit', 'an estimate of the rate', /^--rateest/),
  time: open('time', 'the time of day or the date', /^--(time|date|week|month|utc|kerneltz|contiguous|localtz)/),
  string: open('packet', 'what it carries', /^--(string|hex-string|algo|from|to|icase)$/),
  u32: open('packet', 'octets of the packet', /^--u32$/),
  bpf: open('packet', 'octets of the packet', /^--(bytecode|object-pinned)$/),
  owner: open(
    'user',
    'the user or program that sends it',
    /^--(uid-owner|gid-owner|socket-exists|suppl-groups|sid-owner|pid-owner|cmd-owner)$/,
  ),
  cgroup: open('process', 'the control group of the program', /^--(path|cgroup)$/),
  mac: open('packet', 'the address of its sender on Ethernet', /^--mac-source$/),
  connmark: open('packet', 'the mark of the connection', /^--mark$/),
  connlabel: open('packet', 'the labels of the connection', /^--(label|set)$/),
  helper: open('packet', 'the helper of the connection', /^--helper$/),
  statistic: open('other', 'chance or the turn', /^--(mode|probability|every|packet)$/),
  random: open('other', 'chance', /^--average$/),
  nth: open('other', 'the turn', /^--(every|packet|counter|start)$/),
  length: open('packet', 'its length', /^--length$/),
  ttl: open('packet', 'its time to live', /^--ttl/),
  hl: open('packet', 'its hop limit', /^--hl/),
  dscp: open('packet', 'its traffic class', /^--dscp/),
  tos: open('packet', 'its traffic class', /^--tos$/),
  ecn: open('packet', 'its ECN bits', /^--ecn/),
  tcpmss: open('packet', 'its TCP options', /^--mss$/),
  pkttype: open('packet', 'whether it is for one host, many or all', /^--pkt-type$/),
  physdev: open('place', 'the port of a bridge that it comes by', /^--physdev/),
  policy: open(
    'packet',
    'whether it goes through IPsec',
    /^--(dir|pol|strict|reqid|spi|proto|mode|tunnel-src|tunnel-dst|next)$/,
  ),
  rpfilter: open(
    'place',
    'whether the way back leads by the same interface',
    /^--(loose|validmark|accept-local|invert)$/,
  ),
  socket: open(
    'application',
    'whether a socket of the machine waits for it',
    /^--(transparent|nowildcard|restore-skmark)$/,
  ),
  cpu: open('other', 'the processor that handles it', /^--cpu$/),
  cluster: open('other', 'the node of the cluster that handles it', /^--cluster/),
  devgroup: open('place', 'the group of its interface', /^--(src-group|dst-group)$/),
  realm: open('place', 'the realm of its route', /^--realm$/),
  osf: open('packet', 'the operating system that sends it', /^--(genre|ttl|log)$/),
  ipvs: open(
    'application',
    'whether a virtual service takes it',
    /^--(ipvs|vproto|vaddr|vport|vdir|vmethod|vportctl)$/,
  ),
  geoip: open('tag', 'the countries of addresses', /^--(src-cc|source-country|dst-cc|destination-country)$/),
  ah: open('packet', 'fields of the AH header', /^--(ahspi|ahlen|ahres)$/),
  esp: open('packet', 'fields of the ESP header', /^--espspi$/),
  frag: open('packet', 'extension headers', /^--frag/),
  rt: open('packet', 'extension headers', /^--rt/),
  hbh: open('packet', 'extension headers', /^--hbh/),
  dst: open('packet', 'extension headers', /^--dst-(len|opts)$/),
  mh: open('packet', 'extension headers', /^--mh/),
  ipv6header: open('packet', 'extension headers', /^--(header|soft)$/),
  eui64: open('packet', 'the address of its sender on Ethernet', /^$/),
}

/** What `recent` asks where it does more than remember. */
export const remembered: Unknown = { kind: 'dynamic-set', what: 'which addresses were seen lately' }
