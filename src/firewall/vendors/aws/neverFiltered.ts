import type { AddressRange } from '../../addresses.ts'
import { addressesOf } from '../../addresses.ts'
import type { Rule } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import { cidrRanges } from '../cidrRange.ts'
import type { Estate } from './estate.ts'

/**
 * What a network reserves for itself and no group or network ACL holds back: the resolver, instance and task metadata,
 * the clock, Windows activation (Amazon VPC guide: security group basics; network ACL basics).
 */
const services = cidrRanges(
  '169.254.169.253',
  '169.254.169.254',
  '169.254.169.123',
  '169.254.169.250/31',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::253',
  'fd00:ec2::254',
  'fd00:ec2::123',
  'fd00:ec2::250',
  'fd00:ec2::240',
  'fd00:ec2::23',
)
const privateBlocks = cidrRanges('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10')

/**
 * Rules that stand before all others of an outbound list; answers of these services need none.
 *
 * @param span the list that they stand before: nothing is written for them
 */
export function neverFiltered(estate: Estate, isEgress: boolean, span: Span): readonly Rule[] {
  if (!isEgress) return []
  const rules: Rule[] = [
    {
      name: 'services that AWS does not filter',
      span,
      match: { destination: addressesOf(services) },
      action: { kind: 'allow' },
      unknowns: [],
      implied: true,
    },
  ]
  const { ranges, isKnown } = resolvers(estate)
  if (ranges.length === 0) return rules
  const dns = {
    protocols: [
      { first: 6, last: 6 },
      { first: 17, last: 17 },
    ],
    destinationPorts: [{ first: 53, last: 53 }],
  }
  rules.push({
    name: "the network's own resolver",
    span,
    match: { ...dns, destination: addressesOf(ranges) },
    action: { kind: 'allow' },
    unknowns: isKnown
      ? []
      : [
          {
            kind: 'place',
            what: "whether the address is the VPC's own resolver, which nothing filters: no file says the VPC's block",
          },
        ],
    implied: true,
  })
  return rules
}

/** The resolver is at the first address of the VPC's first block plus two (Amazon VPC guide: Amazon DNS). */
function resolvers(estate: Estate): { readonly ranges: readonly AddressRange[]; readonly isKnown: boolean } {
  const vpcs = [...estate.vpcs.values()].flatMap((ranges) => ranges.filter(({ family }) => family === 4).slice(0, 1))
  const plusTwo = ({ first }: AddressRange): AddressRange => ({ family: 4, first: first + 2n, last: first + 2n })
  if (vpcs.length > 0) return { ranges: vpcs.map(plusTwo), isKnown: true }
  const subnets = [...estate.subnets.values()].flatMap(({ ranges }) => ranges.filter(({ family }) => family === 4))
  if (subnets.length === 0) return { ranges: privateBlocks, isKnown: false }
  // A VPC's block is a /16 to a /28 around its subnets.
  const around = subnets.flatMap(({ first }) =>
    Array.from({ length: 13 }, (_, index) => {
      const size = 1n << BigInt(4 + index)
      return plusTwo({ family: 4, first: (first / size) * size, last: 0n })
    }),
  )
  return { ranges: around, isKnown: false }
}
