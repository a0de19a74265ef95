import type { Cursor } from './cursor.ts'
import type { Expression } from './syntax.ts'

/**
 * Fields by the header that they stand in. A name of a protocol before another word is a value as often as a field:
 * `ip protocol tcp accept`.
 */
const headers: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  [
    'ether saddr daddr type',
    'vlan id cfi dei pcp type',
    'arp htype ptype hlen plen operation saddr daddr',
    'ip version hdrlength dscp ecn length id frag-off ttl protocol checksum saddr daddr',
    'icmp type code checksum id sequence gateway mtu',
    'igmp type checksum mrt group',
    'ip6 version dscp ecn flowlabel length nexthdr hoplimit saddr daddr',
    'icmpv6 type code checksum parameter-problem packet-too-big id sequence max-delay taddr daddr mtu',
    'tcp sport dport sequence ackseq doff reserved flags window checksum urgptr',
    'udp sport dport length checksum',
    'udplite sport dport csumcov checksum',
    'sctp sport dport vtag checksum',
    'dccp sport dport type',
    'th sport dport',
    'ah nexthdr hdrlength reserved spi sequence',
    'esp spi sequence',
    'comp nexthdr flags cpi',
    'gre version flags protocol',
    'vxlan vni flags',
    'geneve vni type',
    'hbh nexthdr hdrlength',
    'dst nexthdr hdrlength',
    'rt nexthdr hdrlength type seg-left',
    'frag nexthdr reserved frag-off reserved2 more-fragments id',
    'mh nexthdr hdrlength type reserved checksum',
    'srh flags tag sid seg-left',
  ].map((row) => {
    const [header = '', ...fields] = row.split(' ')
    return [header, new Set(fields)] as const
  }),
)

/** Words that stand for a field of `meta` by themselves. */
export const bareMeta: ReadonlySet<string> = new Set(
  (
    'iif iifname iiftype iifgroup oif oifname oiftype oifgroup mark skuid skgid nftrace rtclassid ibriport obriport ' +
    'ibrname obrname pkttype cpu cgroup length protocol nfproto l4proto priority random secpath ipsec time hour day'
  ).split(' '),
)

/** Names of `ct` keys that are followed by another word. */
const ctFamilies = new Set(['ip', 'ip6'])

/**
 * Reads a field of a packet or of what is known about it. `inner` reads what a hash is made of.
 *
 * @returns undefined, with nothing taken, where no field begins
 */
export function parseField(cursor: Cursor, inner: (cursor: Cursor) => Expression): Expression | undefined {
  const { kind, text } = cursor.peek()
  if (kind === 'sign' && text === '@') return parseRaw(cursor)
  if (kind !== 'word') return undefined
  const following = cursor.peek(1)
  const hasName = following.kind === 'word'
  if (text === 'meta' && hasName) return field(cursor, 2, `meta ${following.text}`)
  if (text === 'ct' && hasName) return parseCt(cursor)
  if (text === 'fib' && hasName) return parseFib(cursor)
  if (text === 'exthdr' && hasName) return field(cursor, 2, `exthdr ${following.text}`)
  if (text === 'numgen' || text === 'jhash' || text === 'symhash') return parseMade(cursor, inner)
  if (text === 'socket' && hasName) {
    const found = field(cursor, 2, `socket ${following.text}`)
    if (cursor.take('level')) cursor.next()
    return found
  }
  if (text === 'osf') {
    const mark = cursor.mark()
    cursor.next()
    if (cursor.take('ttl')) cursor.next()
    cursor.next()
    return { kind: 'field', name: cursor.text(mark) }
  }
  if (text === 'ipsec' && (following.text === 'in' || following.text === 'out')) return parseIpsec(cursor)
  if ((text === 'tcp' || text === 'ip' || text === 'sctp') && /^(option|chunk)$/.test(following.text)) {
    const name = `${text} ${following.text} ${cursor.peek(2).text}`
    const detail = cursor.peek(3)
    const isDetail =
      detail.kind === 'word' &&
      /^(kind|length|size|left|right|count|tsval|tsecr|type|ptr|addr|value|flags)$/.test(detail.text)
    return field(cursor, isDetail ? 4 : 3, name)
  }
  if (text === 'rt' && /^(classid|nexthop|mtu|ipsec|ip|ip6)$/.test(following.text)) {
    const isNamed = following.text === 'ip' || following.text === 'ip6'
    return field(cursor, isNamed ? 3 : 2, isNamed ? 'rt nexthop' : `rt ${following.text}`)
  }
  if (headers.get(text)?.has(following.text) === true) {
    // `arp saddr ip` and `arp saddr ether` are two fields.
    const isArp = text === 'arp' && following.text.endsWith('addr')
    return field(cursor, isArp ? 3 : 2, `${text} ${following.text}`)
  }
  if (bareMeta.has(text) && !(text === 'priority' && !hasName)) return field(cursor, 1, `meta ${text}`)
  return undefined
}

function field(cursor: Cursor, tokens: number, name: string): Expression {
  for (let taken = 0; taken < tokens; taken += 1) cursor.next()
  return { kind: 'field', name }
}

/** `ct state`, `ct original ip saddr`, `ct reply proto-dst`. */
function parseCt(cursor: Cursor): Expression {
  cursor.next()
  const direction = cursor.is('original') || cursor.is('reply') ? `${cursor.next().text} ` : ''
  const word = cursor.next().text
  const rest = ctFamilies.has(word) ? ` ${cursor.next().text}` : ''
  return { kind: 'field', name: `ct ${direction}${word}${rest}` }
}

/** `fib daddr . iif type`, `fib saddr . mark . iif oif`. */
function parseFib(cursor: Cursor): Expression {
  cursor.next()
  const keys = [cursor.next().text]
  while (cursor.take('.')) keys.push(cursor.next().text)
  return { kind: 'field', name: `fib ${keys.join(' . ')} ${cursor.next().text}` }
}

/** `@th,16,16`: an offset and a length in bits. Those of the ports are what `th sport` and `th dport` are. */
function parseRaw(cursor: Cursor): Expression | undefined {
  const [base, offset, length] = [cursor.peek(1).text, cursor.peek(3).text, cursor.peek(5).text]
  if (!/^(ll|nh|th|ih)$/.test(base) || !cursor.is(',', 2) || !cursor.is(',', 4)) return undefined
  return field(cursor, 6, rawField(base, offset, length))
}

/** Name of a field that is given by its place in the packet. */
export function rawField(base: string, offset: string, length: string): string {
  if (base === 'th' && length === '16' && offset === '0') return 'th sport'
  if (base === 'th' && length === '16' && offset === '16') return 'th dport'
  return `@${base},${offset},${length}`
}

/** `numgen inc mod 4 offset 2`, `jhash ip saddr . tcp sport mod 2 seed 0x1`, `symhash mod 2`. */
function parseMade(cursor: Cursor, inner: (cursor: Cursor) => Expression): Expression {
  const mark = cursor.mark()
  const kind = cursor.next().text
  if (kind === 'numgen') cursor.next()
  if (kind === 'jhash') inner(cursor)
  while (cursor.is('mod') || cursor.is('seed') || cursor.is('offset')) {
    cursor.next()
    cursor.next()
  }
  const made: Expression = { kind: 'made', text: cursor.text(mark) }
  if (!cursor.take('map')) return made
  return { kind: 'map', key: made, data: inner(cursor) }
}

function parseIpsec(cursor: Cursor): Expression {
  const mark = cursor.mark()
  cursor.next()
  cursor.next()
  if (cursor.take('spnum')) cursor.next()
  const key = cursor.next().text
  if (ctFamilies.has(key)) cursor.next()
  return { kind: 'field', name: cursor.text(mark) }
}
