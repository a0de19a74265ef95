import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, mergedRanges, rangesWithout, unknownAddresses } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Rule, Stage } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { attachmentsOf } from '../attachments.ts'
import { cidrRanges } from '../cidrRange.ts'
import type { Acl, AclEntry, Estate } from './estate.ts'
import { titleOf } from './members.ts'
import { neverFiltered } from './neverFiltered.ts'

/** Blocks of which a subnet, a /16 at most, can only lie in one; the last of each family is all the rest of it. */
const blocks: readonly (readonly AddressRange[])[] = (() => {
  const named = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map((text) =>
    cidrRanges(text),
  )
  const rest = rangesWithout(everyAddress().sure, mergedRanges(named.flat()))
  return [...named, rest.filter(({ family }) => family === 4), rest.filter(({ family }) => family === 6)]
})()

/**
 * Stages of network ACLs: the lowest number that matches decides, answers are held against the other direction's
 * entries, and what stays within one subnet never meets them (Amazon VPC guide: network ACLs).
 */
export function aclStages(
  estate: Estate,
  hints: ReadingHints,
  isEgress: boolean,
): { readonly stages: readonly Stage[]; readonly chains: Readonly<Record<string, readonly Rule[]>> } {
  const acls = [...estate.acls.values()]
  const way = isEgress ? 'outbound' : 'inbound'
  const chains: Record<string, readonly Rule[]> = {}
  const stages: Stage[] = []
  const whereabouts = acls.map((acl) => ({ acl, ...subnetsOf(acl, estate, hints) }))
  for (const { acl, known, isWhole } of whereabouts) {
    chains[`${acl.id} ${way}`] = [
      ...withinOneSubnet(acl, known, isWhole),
      ...neverFiltered(estate, isEgress, acl.span),
      ...acl.entries
        .filter((entry) => entry.isEgress === isEgress)
        .toSorted((a, b) => a.number - b.number)
        .map(ruleOf),
    ]
  }
  const add = (acl: Acl, attachedTo?: Addresses): void => {
    stages.push({
      name: `network ACL ${titleOf(acl)}, ${way}`,
      hook: isEgress ? 'output' : 'input',
      kind: 'filter',
      chain: `${acl.id} ${way}`,
      // Each has a last entry of its own that cannot be taken away; an export shows it as 32767.
      otherwise: { action: 'drop', name: '*' },
      stateful: false,
      addresses: 'current',
      ...(attachedTo !== undefined && { attachedTo }),
    })
  }
  const [only] = acls
  const isAnythingKnown = whereabouts.some(({ known }) => known.length > 0)
  if (only !== undefined && acls.length === 1 && !isAnythingKnown) {
    add(only)
    return { stages, chains }
  }
  const all = mergedRanges(whereabouts.flatMap(({ known }) => known.flat()))
  const elsewhere = rangesWithout(everyAddress().sure, all)
  const items = whereabouts.map(({ acl, known, isWhole }) => {
    const because: Unknown = {
      kind: 'place',
      what: `whether the machine is in a subnet of the network ACL ${titleOf(acl)}`,
    }
    return {
      item: { acl, because },
      addresses: { sure: mergedRanges(known.flat()), possible: isWhole ? [] : [{ within: elsewhere, because }] },
    }
  })
  for (const { ranges, sure, possible } of attachmentsOf(items)) {
    const [one] = sure
    if (one !== undefined && sure.length === 1 && possible.length === 0) add(one.acl, addressesOf(ranges))
    // A subnet has one ACL: where blocks of two networks are alike, it is one of both.
    else for (const { acl, because } of [...sure, ...possible]) add(acl, unknownAddresses(because, ranges))
  }
  return { stages, chains }
}

/** The subnets that an ACL is associated with, each as its blocks, and whether these are all of them. */
function subnetsOf(acl: Acl, estate: Estate, hints: ReadingHints) {
  const known: (readonly AddressRange[])[] = []
  let isWhole = acl.subnets.length > 0
  for (const id of acl.subnets) {
    const subnet = estate.subnets.get(id)
    const ranges = subnet?.ranges ?? hints.places[id] ?? hints.places[subnet?.name ?? id]
    if (ranges === undefined || ranges.length === 0) isWhole = false
    else known.push(ranges)
  }
  const hinted = hints.places[acl.id] ?? hints.places[acl.name]
  if (hinted !== undefined) known.push(hinted)
  return { known, isWhole: isWhole || hinted !== undefined }
}

function withinOneSubnet(acl: Acl, known: readonly (readonly AddressRange[])[], isWhole: boolean): readonly Rule[] {
  const rule = (ends: readonly AddressRange[], unknowns: readonly Unknown[]): Rule => ({
    name: 'within one subnet',
    span: acl.span,
    match: { source: addressesOf(ends), destination: addressesOf(ends) },
    action: { kind: 'allow' },
    unknowns,
    implied: true,
  })
  const sure = known.map((ranges) => rule(ranges, []))
  if (isWhole) return sure
  const what = 'whether both ends are in one subnet, where network ACLs are not asked: no file says its block'
  return [...sure, ...blocks.map((block) => rule(block, [{ kind: 'place', what }]))]
}

function ruleOf(entry: AclEntry): Rule {
  const { number, isEgress, action, traffic, peer, span, unknowns } = entry
  const isLast = number === 32767 || number === 32768
  return {
    name: isLast ? '*' : String(number),
    span,
    match: { ...traffic, ...(peer !== undefined && (isEgress ? { destination: peer } : { source: peer })) },
    action: { kind: action },
    unknowns,
    ...(isLast && { implied: true as const }),
  }
}
