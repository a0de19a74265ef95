import type { Match, NumberRange } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import type { Field } from './fields.ts'
import { integerOf, knownOf } from './fields.ts'

/** Protocol, ports and ICMP types of a rule; in `says` as people call it: `tcp 443`. */
export interface Traffic {
  readonly match: Match
  readonly says: string
  readonly unknowns: readonly Unknown[]
}

interface TrafficFields {
  readonly protocol: Field
  readonly from: Field
  readonly to: Field
}

/** The names that EC2 takes and gives for protocols; all else are numbers. */
const numbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58, '58': 58 }

/**
 * What `IpProtocol`, `FromPort` and `ToPort` say: ports for TCP and UDP, type and code for ICMP, and nothing for every
 * other protocol, whatever is written there (EC2 API reference, IpPermission). Protocol -1 is all of them, on all ports.
 */
export function trafficOf({ protocol, from, to }: TrafficFields): Traffic {
  const word = knownOf(protocol)?.trim().toLowerCase()
  if (word === undefined) {
    return { match: {}, says: 'unknown protocol', unknowns: [whyNot(protocol, 'the protocol')] }
  }
  if (word === '-1' || word === 'all') return { match: {}, says: 'all traffic', unknowns: [] }
  const number =
    (Object.hasOwn(numbers, word) ? numbers[word] : undefined) ?? (/^\d{1,3}$/.test(word) ? Number(word) : undefined)
  if (number === undefined || number > 255) {
    return { match: {}, says: word, unknowns: [unread(`the protocol "${word}"`)] }
  }
  const protocols = [{ first: number, last: number }]
  const says = Object.keys(numbers).find((name) => numbers[name] === number && name !== '58') ?? `protocol ${number}`
  const bounds = [from, to].flatMap((field) =>
    field !== undefined && integerOf(field) === undefined ? [whyNot(field, 'a port')] : [],
  )
  if (bounds.length > 0) return { match: { protocols }, says, unknowns: bounds }
  const [first, last] = [integerOf(from), integerOf(to)]
  if (number === 1 || number === 58) {
    const type = icmpRange(first)
    const code = icmpRange(last)
    if (type === undefined) return { match: { protocols }, says, unknowns: [] }
    return {
      match: { protocols, icmp: [{ type, ...(code !== undefined && { code }) }] },
      says: `${says} type ${first}`,
      unknowns: [],
    }
  }
  if (number !== 6 && number !== 17) return { match: { protocols }, says, unknowns: [] }
  if (first === -1 && (last === -1 || last === undefined)) return { match: { protocols }, says, unknowns: [] }
  if (first === undefined || last === undefined || first < 0 || last > 65535 || first > last) {
    return { match: { protocols }, says, unknowns: [unread(`its ports from ${first} to ${last}`)] }
  }
  if (first === 0 && last === 65535) return { match: { protocols }, says, unknowns: [] }
  return {
    match: { protocols, destinationPorts: [{ first, last }] },
    says: `${says} ${first === last ? first : `${first}-${last}`}`,
    unknowns: [],
  }
}

/** -1 and absence stand for every type or code. */
function icmpRange(value: number | undefined): NumberRange | undefined {
  return value === undefined || value < 0 || value > 255 ? undefined : { first: value, last: value }
}

function whyNot(field: Field, what: string): Unknown {
  if (field === undefined) return unread(`${what}, which is missing`)
  return 'known' in field ? unread(`${what} "${field.known}"`) : { kind: 'reference', what: field.unknown }
}

function unread(what: string): Unknown {
  return { kind: 'unread', what }
}
