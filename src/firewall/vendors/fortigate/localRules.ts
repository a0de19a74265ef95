import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, unionOf, unknownAddresses } from '../../addresses.ts'
import type { Rule } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { rangeBetween } from '../rangeBetween.ts'
import { subnetOf } from './addressText.ts'
import type { ConfigNode } from './configTree.ts'
import type { Network } from './network.ts'
import type { PolicyScope } from './policies.ts'
import { interfacesOf, policyRules } from './policies.ts'
import type { Noted } from './reading.ts'
import { entriesOf, firstOf, valuesOf } from './reading.ts'

/** `firewall local-in-policy` of both families: what comes to the device itself. */
export function localInRules(scope: ConfigNode, policies: PolicyScope): readonly Rule[] {
  return (
    [
      ['firewall local-in-policy', 'policy'],
      ['firewall local-in-policy6', 'policy6'],
    ] as const
  ).flatMap(([block, kind]) =>
    entriesOf(scope, block).flatMap((entry) => policyRules(asPolicy(entry, 'local-in', 'intf'), kind, policies).plain),
  )
}

/** `firewall acl` of both families: dropped before everything else. */
export function aclRules(scope: ConfigNode, policies: PolicyScope): readonly Rule[] {
  return (
    [
      ['firewall acl', 'policy'],
      ['firewall acl6', 'policy6'],
    ] as const
  ).flatMap(([block, kind]) =>
    entriesOf(scope, block).flatMap((entry) => policyRules(asPolicy(entry, 'acl', 'interface'), kind, policies).plain),
  )
}

/** The same words as a policy has, under a name that tells the two apart. */
function asPolicy(entry: ConfigNode, prefix: string, place: string): ConfigNode {
  const settings = new Map(entry.settings)
  const into = settings.get(place)
  settings.delete(place)
  settings.delete('ha-mgmt-intf-only')
  settings.delete('virtual-patch')
  settings.delete('name')
  if (into !== undefined) settings.set('srcintf', into)
  return { ...entry, name: `${prefix} ${entry.name}`, settings }
}

const services = {
  https: { protocol: 6, port: 443, setting: 'admin-sport' },
  http: { protocol: 6, port: 80, setting: 'admin-port' },
  ssh: { protocol: 6, port: 22, setting: 'admin-ssh-port' },
  telnet: { protocol: 6, port: 23, setting: 'admin-telnet-port' },
  snmp: { protocol: 17, port: 161, setting: '' },
  fgfm: { protocol: 6, port: 541, setting: '' },
} as const

/** What `allowaccess` of interfaces opens for administrators. */
export function accessRules(scope: ConfigNode, shared: ConfigNode, network: Network): readonly Rule[] {
  const own = new Map(network.places.map((place) => [place.name, place.own]))
  const global = shared.blocks.get('system global')
  const isLimited = entriesOf(shared, 'system admin').some((admin) =>
    [...admin.settings.keys()].some((key) => key.includes('trusthost')),
  )
  const unknowns: readonly Unknown[] = isLimited
    ? [{ kind: 'other', what: 'the trusted hosts of the administrators' }]
    : []
  return [...new Set([scope, shared])]
    .flatMap((part) => entriesOf(part, 'system interface'))
    .flatMap((entry) => {
      const addresses = own.get(entry.name)
      if (addresses === undefined) return []
      return valuesOf(entry, 'allowaccess').flatMap((word): Rule[] => {
        const base = { in: { names: [entry.name] }, destination: addressesOf(addresses) }
        const rule = (match: Rule['match']): Rule => ({
          name: `allowaccess ${word} on ${entry.name}`,
          span: (entry.settings.get('allowaccess')?.statement ?? entry.statement).span(),
          match: { ...base, ...match },
          action: { kind: 'allow' },
          unknowns: word === 'ping' ? [] : unknowns,
          implied: true,
        })
        if (word === 'ping')
          return [rule({ family: 4, protocols: [{ first: 1, last: 1 }], icmp: [{ type: { first: 8, last: 8 } }] })]
        if (!Object.hasOwn(services, word)) return []
        const { protocol, port, setting } = services[word as keyof typeof services]
        const changed = Number(global === undefined || setting === '' ? port : (firstOf(global, setting) ?? port))
        const at = Number.isInteger(changed) && changed > 0 && changed <= 65535 ? changed : port
        return [rule({ protocols: [{ first: protocol, last: protocol }], destinationPorts: [{ first: at, last: at }] })]
      })
    })
}

const understoodOfMulticast = new Set([
  'uuid',
  'name',
  'status',
  'srcintf',
  'dstintf',
  'srcaddr',
  'dstaddr',
  'action',
  'protocol',
  'start-port',
  'end-port',
  'snat',
  'snat-ip',
  'dnat',
  'logtraffic',
  'comments',
  'auto-asic-offload',
  'traffic-shaper',
  'utm-status',
  'ips-sensor',
])

/** `firewall multicast-policy` of both families: groups are led by these alone. */
export function multicastRules(scope: ConfigNode, policies: PolicyScope, notes: Noted): readonly Rule[] {
  return ([4, 6] as const).flatMap((family) => {
    const six = family === 6 ? '6' : ''
    const groups = new Map(entriesOf(scope, `firewall multicast-address${six}`).map((entry) => [entry.name, entry]))
    const destinationOf = (name: string): Addresses => {
      const entry = groups.get(name)
      if (entry === undefined) return policies.addresses.of([name], family)
      const range =
        rangeBetween(firstOf(entry, 'start-ip') ?? '', firstOf(entry, 'end-ip') ?? '') ??
        subnetOf(valuesOf(entry, family === 6 ? 'ip6' : 'subnet'))
      if (range?.family === family) return addressesOf([range])
      return unknownAddresses({ kind: 'other', what: `the multicast groups "${name}"` }, everyAddress(family).sure)
    }
    return entriesOf(scope, `firewall multicast-policy${six}`).flatMap((entry): Rule[] => {
      const strange = notes.strangers(entry, understoodOfMulticast)
      if (firstOf(entry, 'status') === 'disable') return []
      const [into, out] = [interfacesOf(entry, 'srcintf'), interfacesOf(entry, 'dstintf')]
      const protocol = Number(firstOf(entry, 'protocol') ?? '0')
      const [first, last] = [Number(firstOf(entry, 'start-port') ?? '1'), Number(firstOf(entry, 'end-port') ?? '65535')]
      const hasPorts = (protocol === 6 || protocol === 17) && first >= 0 && first <= last && last <= 65535
      return [
        {
          name: `multicast ${entry.name}`,
          span: entry.statement.span(),
          match: {
            family,
            source: policies.addresses.of(valuesOf(entry, 'srcaddr'), family),
            destination: unionOf(valuesOf(entry, 'dstaddr').map(destinationOf)),
            ...(into !== undefined && { in: into }),
            ...(out !== undefined && { out }),
            ...(protocol > 0 && protocol < 256 && { protocols: [{ first: protocol, last: protocol }] }),
            ...(hasPorts && { destinationPorts: [{ first, last }] }),
          },
          action: { kind: firstOf(entry, 'action') === 'deny' ? 'drop' : 'allow' },
          unknowns: strange,
        },
      ]
    })
  })
}
