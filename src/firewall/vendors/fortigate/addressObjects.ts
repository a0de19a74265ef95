import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, intersectionOf, noAddress, outsideOf, unknownAddresses } from '../../addresses.ts'
import { boundedUnions } from '../../boundedUnions.ts'
import type { Unknown } from '../../unknown.ts'
import { rangeBetween } from '../rangeBetween.ts'
import { namePatternOf, subnetOf, wildcardOf } from './addressText.ts'
import type { ConfigNode } from './configTree.ts'
import type { Noted } from './reading.ts'
import { entriesOf, firstOf, isOn, valuesOf } from './reading.ts'

/** Looks up address objects and groups of one virtual domain, by family. */
export interface AddressObjects {
  /** Names as a policy lists them. */
  of(names: readonly string[], family: 4 | 6): Addresses
  has(name: string, family: 4 | 6): boolean
}

/** Objects that a device has from the beginning, and that files with policies alone refer to. */
const predefinedNames: Readonly<Record<string, string>> = {
  'login.microsoftonline.com': 'login.microsoftonline.com',
  'login.microsoft.com': 'login.microsoft.com',
  'login.windows.net': 'login.windows.net',
  'gmail.com': 'gmail.com',
  'wildcard.google.com': '*.google.com',
  'wildcard.dropbox.com': '*.dropbox.com',
}

const said = [
  'uuid',
  'comment',
  'comments',
  'color',
  'associated-interface',
  'visibility',
  'allow-routing',
  'cache-ttl',
  'obj-id',
  'tagging',
  'fabric-object',
  'obj-type',
  'node-ip-only',
  'passive-fqdn-learning',
  'display',
  'category',
]
const understoodOfAddress = new Set([
  ...said,
  'type',
  'sub-type',
  'subnet',
  'ip6',
  'start-ip',
  'end-ip',
  'fqdn',
  'wildcard-fqdn',
  'wildcard',
  'country',
  'interface',
  'macaddr',
  'start-mac',
  'end-mac',
  'sdn',
  'sdn-tag',
  'filter',
  'sdn-addr-type',
  'clearpass-spt',
  'fsso-group',
  'obj-tag',
  'tag-type',
  'tag-detection-level',
  'dirty',
  'epg-name',
  'tenant',
  'organization',
  'subnet-name',
  'policy-group',
  'hw-model',
  'hw-vendor',
  'os',
  'sw-version',
  'route-tag',
  'host',
  'host-type',
  'template',
  'agent-id',
  'sdn-id',
])
const understoodOfGroup = new Set([...said, 'type', 'member', 'exclude', 'exclude-member'])

/** Groups within each other that are followed: a device refuses far fewer, and a walk of any depth would not end. */
const deepest = 64

/** @param scope the virtual domain, @param shared the global part, whose threat feeds every domain may name */
export function addressObjects(scope: ConfigNode, shared: ConfigNode, notes: Noted): AddressObjects {
  const byFamily = {
    4: {
      objects: new Map(entriesOf(scope, 'firewall address').map((entry) => [entry.name, entry])),
      groups: new Map(entriesOf(scope, 'firewall addrgrp').map((entry) => [entry.name, entry])),
    },
    6: {
      objects: new Map(entriesOf(scope, 'firewall address6').map((entry) => [entry.name, entry])),
      groups: new Map(entriesOf(scope, 'firewall addrgrp6').map((entry) => [entry.name, entry])),
    },
  }
  const feeds = new Set(
    [scope, shared].flatMap((part) => entriesOf(part, 'system external-resource')).map(({ name }) => name),
  )
  const patterns = new Map(
    entriesOf(scope, 'firewall wildcard-fqdn custom').map((entry) => [entry.name, firstOf(entry, 'wildcard-fqdn')]),
  )
  const union = boundedUnions()
  const known = new Map<string, Addresses>()
  const open = new Set<string>()

  const lookUp = (name: string, family: 4 | 6): Addresses => {
    const id = `${family} ${name}`
    const before = known.get(id)
    if (before !== undefined) return before
    const within = everyAddress(family).sure
    if (open.has(id))
      return unknownAddresses({ kind: 'other', what: `the group "${name}", which holds itself` }, within)
    if (open.size >= deepest) {
      return unknownAddresses({ kind: 'other', what: `the group "${name}", nested more than ${deepest} deep` }, within)
    }
    const object = byFamily[family].objects.get(name)
    const group = byFamily[family].groups.get(name)
    open.add(id)
    const found =
      object !== undefined
        ? objectAddresses(object, family, scope, shared, notes)
        : group !== undefined
          ? groupAddresses(group, family)
          : other(name, family)
    open.delete(id)
    known.set(id, found)
    return found
  }

  const groupAddresses = (group: ConfigNode, family: 4 | 6): Addresses => {
    const strange = notes.strangers(group, understoodOfGroup)
    const members = union(
      valuesOf(group, 'member').map((member) => lookUp(member, family)),
      [family],
    )
    const excluded = isOn(group, 'exclude')
      ? union(
          valuesOf(group, 'exclude-member').map((member) => lookUp(member, family)),
          [family],
        )
      : noAddress
    const left = excluded === noAddress ? members : intersectionOf(members, outsideOf(excluded, [family]))
    return doubtful(left, strange, family)
  }

  const other = (name: string, family: 4 | 6): Addresses => {
    const within = everyAddress(family).sure
    if (name === 'all') return everyAddress(family)
    if (name === 'none') return noAddress
    if (feeds.has(name)) {
      return unknownAddresses({ kind: 'dynamic-set', what: `the content of the threat feed "${name}"` }, within)
    }
    const pattern = patterns.get(name) ?? (Object.hasOwn(predefinedNames, name) ? predefinedNames[name] : undefined)
    if (pattern !== undefined) return namesAddresses(pattern, family)
    return unknownAddresses({ kind: 'reference', what: `the object "${name}", which the files do not define` }, within)
  }

  return {
    of: (names, family) =>
      union(
        names.map((name) => lookUp(name, family)),
        [family],
      ),
    has: (name, family) =>
      byFamily[family].objects.has(name) || byFamily[family].groups.has(name) || feeds.has(name) || name === 'all',
  }
}

function doubtful(set: Addresses, because: readonly Unknown[], family: 4 | 6): Addresses {
  if (because.length === 0) return set
  const within = everyAddress(family).sure
  return { sure: [], possible: [...set.possible, ...because.map((unknown) => ({ within, because: unknown }))] }
}

function namesAddresses(text: string, family: 4 | 6): Addresses {
  const pattern = namePatternOf(text)
  const what =
    pattern.covers === 'exactly' ? `what ${text} resolves to` : `the names under ${text} that the device saw resolved`
  return unknownAddresses({ kind: 'names', what, names: [pattern] }, everyAddress(family).sure)
}

function objectAddresses(
  object: ConfigNode,
  family: 4 | 6,
  scope: ConfigNode,
  shared: ConfigNode,
  notes: Noted,
): Addresses {
  const strange = notes.strangers(object, understoodOfAddress)
  const within = everyAddress(family).sure
  const unknown = (kind: Unknown['kind'], what: string, tag?: string): Addresses =>
    unknownAddresses({ kind, what, ...(tag !== undefined && { tag }) }, within)
  const unreadable = (key: string): Addresses => {
    const statement = object.settings.get(key)?.statement ?? object.statement
    return {
      sure: [],
      possible: [{ within, because: notes.unread(statement, `"${key}" holds no address that is understood`) }],
    }
  }
  const found = ((): Addresses => {
    const type = firstOf(object, 'type') ?? (family === 4 ? 'ipmask' : 'ipprefix')
    switch (type) {
      case 'ipmask':
      case 'ipprefix':
      case 'interface-subnet': {
        const key = family === 4 ? 'subnet' : 'ip6'
        const setting = object.settings.get(key)
        if (setting === undefined) {
          return type === 'interface-subnet' ? interfaceSubnet(firstOf(object, 'interface')) : everyAddress(family)
        }
        const range = subnetOf(setting.values)
        return range?.family === family ? addressesOf([range]) : unreadable(key)
      }
      case 'iprange': {
        const range = rangeBetween(firstOf(object, 'start-ip') ?? '', firstOf(object, 'end-ip') ?? '')
        return range?.family === family ? addressesOf([range]) : unreadable('start-ip')
      }
      case 'fqdn':
      case 'wildcard-fqdn': {
        const name = firstOf(object, 'fqdn') ?? firstOf(object, 'wildcard-fqdn')
        return name === undefined ? unreadable('fqdn') : namesAddresses(name, family)
      }
      case 'wildcard': {
        const [address = '', mask = ''] = valuesOf(object, 'wildcard')
        const ranges = wildcardOf(address, mask)
        if (ranges === undefined) return unreadable('wildcard')
        if ('ranges' in ranges) return addressesOf(ranges.ranges)
        const because: Unknown = { kind: 'other', what: `the mask ${mask}, which has too many gaps to write out` }
        return unknownAddresses(because, [ranges.within])
      }
      case 'geography': {
        const country = firstOf(object, 'country') ?? ''
        return unknown('tag', `the addresses of the country ${country}`, country)
      }
      case 'mac':
        return unknown('packet', `the hardware addresses of "${object.name}"`)
      case 'route-tag':
        return unknown('dynamic-set', `the routes that have the tag of "${object.name}"`)
      case 'dynamic':
        return unknown('dynamic-set', `what the connector or the endpoint server puts in "${object.name}"`)
      case 'template':
        return unknown('other', `the template of "${object.name}"`)
      default:
        return unreadable('type')
    }
  })()
  return doubtful(found, strange, family)

  function interfaceSubnet(name: string | undefined): Addresses {
    const entry = [scope, shared]
      .flatMap((part) => entriesOf(part, 'system interface'))
      .find((candidate) => candidate.name === name)
    const range = entry === undefined ? undefined : subnetOf(valuesOf(entry, 'ip'))
    if (range !== undefined && range.family === family) return addressesOf([range])
    return unknown('place', `the subnet of the interface ${name ?? `of "${object.name}"`}`)
  }
}
