import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, mergedRanges, rangesWithout, unionOf, unknownAddresses } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import type { RuleEnds } from './firewallRules.ts'
import { networkOf } from './firewallRules.ts'

/** One network interface of an instance, as far as rules ask for it. */
export interface Instance {
  readonly network: string
  readonly tags: readonly string[]
  readonly accounts: readonly string[]
  readonly privately: readonly AddressRange[]
  readonly publicly: readonly AddressRange[]
}

/** One element of `gcloud compute instances list --format json`. */
export function readInstance(value: JsonValue): readonly Instance[] {
  const tags = (value.member('tags')?.member('items')?.elements() ?? []).flatMap((item) => item.text() ?? [])
  const accounts = (value.member('serviceAccounts')?.elements() ?? []).flatMap(
    (item) => item.member('email')?.text() ?? [],
  )
  return (value.member('networkInterfaces')?.elements() ?? []).map((card) => {
    const texts = (list: string, member: string): readonly string[] =>
      (card.member(list)?.elements() ?? []).flatMap((item) => item.member(member)?.text() ?? [])
    return {
      network: networkOf(card),
      tags,
      accounts,
      privately: [
        card.member('networkIP')?.text() ?? '',
        card.member('ipv6Address')?.text() ?? '',
        ...texts('aliasIpRanges', 'ipCidrRange'),
      ].flatMap((text) => cidrRange(text) ?? []),
      publicly: [...texts('accessConfigs', 'natIP'), ...texts('ipv6AccessConfigs', 'externalIpv6')].flatMap(
        (text) => cidrRange(text) ?? [],
      ),
    }
  })
}

/** The instances that a rule is for; undefined where it is for all. Those of which nobody knows may be among them. */
export function targetsOf(ends: RuleEnds, instances: readonly Instance[], hints: ReadingHints): Addresses | undefined {
  const marks = [...ends.tags, ...ends.accounts]
  if (marks.length === 0) return undefined
  const known = mergedRanges(instances.flatMap(({ privately, publicly }) => [...privately, ...publicly]))
  return unionOf(
    marks.map((mark) => {
      const hinted = hints.places[mark]
      const members = membersOf(mark, instances).flatMap(({ privately, publicly }) => [...privately, ...publicly])
      const sure = mergedRanges([...members, ...(hinted ?? [])])
      const within = rangesWithout(everyAddress().sure, mergedRanges([...known, ...sure]))
      if (hinted !== undefined || within.length === 0) return addressesOf(sure)
      return { sure, possible: [{ within, because: whoHas(mark) }] }
    }),
  )
}

/** The far end of a rule. Tags and accounts stand for private addresses alone (VPC documentation: source tags). */
export function farEndOf(ends: RuleEnds, instances: readonly Instance[], hints: ReadingHints): Addresses {
  const blocks = ends.ranges.map((text) => {
    const range = cidrRange(text)
    if (range !== undefined) return addressesOf([range])
    return unknownAddresses({ kind: 'unread', what: `the addresses "${text}"` })
  })
  const marked = [...ends.tags, ...ends.accounts].map((mark) => {
    const ranges = mergedRanges([
      ...membersOf(mark, instances).flatMap(({ privately }) => privately),
      ...(hints.places[mark] ?? []),
    ])
    return ranges.length > 0 ? addressesOf(ranges) : unknownAddresses(whoHas(mark))
  })
  return unionOf([...blocks, ...marked])
}

function membersOf(mark: string, instances: readonly Instance[]): readonly Instance[] {
  return instances.filter(({ tags, accounts }) => tags.includes(mark) || accounts.includes(mark))
}

function whoHas(mark: string): Unknown {
  const what = mark.includes('@') ? `which instances run as ${mark}` : `which instances have the network tag ${mark}`
  return { kind: 'place', what }
}
