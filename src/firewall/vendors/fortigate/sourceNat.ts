import type { AddressRange } from '../../addresses.ts'
import { everyAddress, unionOf } from '../../addresses.ts'
import type { NumberRange, Rule, Translation } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { rangeBetween } from '../rangeBetween.ts'
import type { AddressObjects } from './addressObjects.ts'
import type { ConfigNode } from './configTree.ts'
import { interfacesOf, policyName } from './policies.ts'
import type { Noted } from './reading.ts'
import { entriesOf, firstOf, isOn, valuesOf } from './reading.ts'
import { portsOf } from './services.ts'
import type { VirtualAddress } from './virtualAddresses.ts'

/** How a policy translates sources: by pools, or without any by the interface. */
export interface PolicyNat {
  readonly pools: readonly string[]
}

export function policyNat(policy: ConfigNode): PolicyNat | undefined {
  if (!isOn(policy, 'nat') || firstOf(policy, 'action') !== 'accept') return undefined
  return { pools: isOn(policy, 'ippool') ? [...valuesOf(policy, 'poolname'), ...valuesOf(policy, 'poolname6')] : [] }
}

/** The chain of what stands behind virtual IPs and goes out with their addresses. */
export const outwardsChain = 'virtual IPs, outwards'

/** Ports that the device takes for what it translates. */
const translatedPorts: NumberRange = { first: 1024, last: 65535 }

/** Looks up `firewall ippool` and `ippool6`. */
export function pools(scope: ConfigNode): (names: readonly string[], family: 4 | 6) => Translation {
  const byFamily = {
    4: new Map(entriesOf(scope, 'firewall ippool').map((entry) => [entry.name, entry])),
    6: new Map(entriesOf(scope, 'firewall ippool6').map((entry) => [entry.name, entry])),
  }
  return (names, family) => {
    const ranges: AddressRange[] = []
    let keepsPorts = true
    for (const name of names) {
      const pool = byFamily[family].get(name)
      if (pool === undefined) {
        // A pool of the other family is meant for the other half of the policy.
        if (byFamily[family === 4 ? 6 : 4].has(name)) continue
        return { to: reference(name) }
      }
      const range = rangeBetween(
        firstOf(pool, 'startip') ?? '',
        firstOf(pool, 'endip') ?? firstOf(pool, 'startip') ?? '',
      )
      if (range === undefined || range.family !== family) return { to: reference(name) }
      ranges.push(range)
      keepsPorts &&= firstOf(pool, 'type') === 'one-to-one'
    }
    if (ranges.length === 0) return { to: 'interface', ports: translatedPorts }
    return { to: ranges, ...(!keepsPorts && { ports: translatedPorts }) }
  }
}

function reference(name: string): Unknown {
  return { kind: 'reference', what: `the address pool "${name}", which the files do not define` }
}

/** Rules for what one policy allowed; each family for itself, as pools are. */
export function policyNatRules(
  tag: string,
  nat: PolicyNat,
  look: (names: readonly string[], family: 4 | 6) => Translation,
  hasOutwards: boolean,
  policy: ConfigNode,
): readonly Rule[] {
  const byInterface = nat.pools.length === 0
  const base = {
    name: `source NAT of ${policyName(policy)}`,
    span: (policy.settings.get(byInterface ? 'nat' : 'poolname')?.statement ?? policy.statement).span(),
    unknowns: [],
    implied: true,
  } as const
  const own = ([4, 6] as const).map((family): Rule => {
    const source = byInterface ? ({ to: 'interface', ports: translatedPorts } as const) : look(nat.pools, family)
    return { ...base, match: { family, tagged: { tag } }, action: { kind: 'translate', source } }
  })
  if (!byInterface || !hasOutwards) return own
  return [{ ...base, match: { tagged: { tag } }, action: { kind: 'jump', chain: outwardsChain } }, ...own]
}

/** What stands behind a virtual IP goes out with the virtual IP's address, as long as no pool is asked for. */
export function reverseRule({ reverse, family, name, rules }: VirtualAddress): readonly Rule[] {
  const [rule] = rules
  if (reverse === undefined || rule === undefined) return []
  return [
    {
      name: `virtual IP ${name}, outwards`,
      span: rule.span,
      match: {
        family,
        source: { sure: [reverse.inside], possible: [] },
        ...(reverse.out !== undefined && { out: { names: [reverse.out] } }),
      },
      action: { kind: 'translate', source: { to: [reverse.outside] } },
      unknowns: [],
      implied: true,
    },
  ]
}

const understoodOfCentral = new Set([
  'uuid',
  'status',
  'type',
  'srcintf',
  'dstintf',
  'orig-addr',
  'orig-addr6',
  'dst-addr',
  'dst-addr6',
  'protocol',
  'orig-port',
  'nat-port',
  'dst-port',
  'nat',
  'nat46',
  'nat64',
  'nat-ippool',
  'nat-ippool6',
  'comments',
  'port-preserve',
  'port-random',
])

/** `firewall central-snat-map`: the first that matches translates, or says that nothing is. */
export function centralRules(
  scope: ConfigNode,
  addresses: AddressObjects,
  look: (names: readonly string[], family: 4 | 6) => Translation,
  notes: Noted,
): readonly Rule[] {
  return entriesOf(scope, 'firewall central-snat-map').flatMap((entry) => {
    const strange = notes.strangers(entry, understoodOfCentral)
    if (firstOf(entry, 'status') === 'disable') return []
    const family = firstOf(entry, 'type') === 'ipv6' ? 6 : 4
    const six = family === 6 ? '6' : ''
    const set = (key: string) => {
      const names = valuesOf(entry, `${key}${six}`)
      return names.length === 0 ? everyAddress(family) : unionOf([addresses.of(names, family)])
    }
    const [into, out] = [interfacesOf(entry, 'srcintf'), interfacesOf(entry, 'dstintf')]
    const protocol = Number(firstOf(entry, 'protocol') ?? '0')
    const ports = (key: string): NumberRange | undefined => {
      const text = firstOf(entry, key)
      return text === undefined || text === '0' ? undefined : portsOf(text)
    }
    const [sourcePorts, destinationPorts] = [ports('orig-port'), ports('dst-port')]
    const names = valuesOf(entry, `nat-ippool${six}`)
    const translation =
      names.length === 0 ? ({ to: 'interface', ports: translatedPorts } as const) : look(names, family)
    const crossing: readonly Unknown[] =
      isOn(entry, 'nat46') || isOn(entry, 'nat64')
        ? [{ kind: 'other', what: 'the translation between IPv4 and IPv6' }]
        : []
    const rule: Rule = {
      name: `central SNAT ${entry.name}`,
      span: entry.statement.span(),
      match: {
        family,
        source: set('orig-addr'),
        destination: set('dst-addr'),
        ...(into !== undefined && { in: into }),
        ...(out !== undefined && { out }),
        ...(protocol > 0 && protocol < 256 && { protocols: [{ first: protocol, last: protocol }] }),
        ...(sourcePorts !== undefined && { sourcePorts: [sourcePorts] }),
        ...(destinationPorts !== undefined && { destinationPorts: [destinationPorts] }),
      },
      action:
        firstOf(entry, 'nat') === 'disable' ? { kind: 'no-translation' } : { kind: 'translate', source: translation },
      unknowns: [...strange, ...crossing],
      ...(firstOf(entry, 'comments') !== undefined && { comment: firstOf(entry, 'comments') ?? '' }),
    }
    return [rule]
  })
}
