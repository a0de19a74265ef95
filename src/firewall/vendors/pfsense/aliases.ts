import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, noAddress, unknownAddresses } from '../../addresses.ts'
import { boundedUnions } from '../../boundedUnions.ts'
import { mergedNumbers } from '../../numberRanges.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import { rangeBetween } from '../rangeBetween.ts'
import { resolvedOnce } from '../resolvedOnce.ts'
import { isOn } from './interfaces.ts'

/** Named lists of addresses and ports. */
export interface Aliases {
  /** What a word in a rule stands for: an address, a prefix, a range, an alias, or a name. */
  addresses(word: string): Addresses
  /** Ports, ranges (`1000-2000`, `1000:2000`) and aliases of them; a reason where nobody knows them. */
  ports(word: string): readonly NumberRange[] | Unknown
}

interface Alias {
  readonly name: string
  readonly type: string
  readonly values: readonly string[]
}

/** Types whose content is fetched or learnt while the firewall runs. */
const fetched =
  /^(url|url_ports|urltable|urltable_ports|urljson|external|dynipv6host|internal|authgroup|openvpngroup|mac)$/

/** @param root of the configuration; the aliases of pfSense and those of both kinds of OPNsense */
export function aliasesOf(root: XmlTree | undefined, statements: Statements): Aliases {
  const known = new Map<string, Alias>()
  const old = root?.child('aliases')?.elements('alias') ?? []
  const modern = root?.child('OPNsense', 'Firewall', 'Alias', 'aliases')?.elements('alias') ?? []
  for (const one of [...old, ...modern]) {
    const of = (name: string): string => one.child(name)?.text() ?? ''
    statements.understood()
    if (one.child('enabled') !== undefined && !isOn(one.child('enabled'))) continue
    const content = one.child('content') === undefined ? of('address') : of('content')
    known.set(of('name'), { name: of('name'), type: of('type'), values: content.split(/[\s|]+/).filter(Boolean) })
  }

  const union = boundedUnions()
  const addresses = resolvedOnce<Addresses>(
    (word, of) => {
      const alias = known.get(word)
      if (alias === undefined) return literal(word)
      const { name, type, values } = alias
      if (type === 'geoip' || type === 'asn')
        return unknownAddresses(tagged(name, `the countries or networks of ${name}`))
      if (fetched.test(type)) {
        return unknownAddresses({ kind: 'dynamic-set', what: `the content of the alias ${name} (${type})`, tag: name })
      }
      if (type === 'port')
        return unknownAddresses({ kind: 'reference', what: `addresses of ${name}, an alias of ports` })
      return values.length === 0 ? noAddress : union(values.map((value) => memberOf(value, of)))
    },
    (name, why) => unknownAddresses(notFollowed(name, why)),
  )

  /** A member with `!` is no member: of the rest that the list has, it is taken out, which a union cannot say. */
  const memberOf = (value: string, of: (word: string) => Addresses): Addresses =>
    value.startsWith('!') ? unknownAddresses({ kind: 'other', what: `the exception ${value} in an alias` }) : of(value)

  const ports = resolvedOnce<readonly NumberRange[] | Unknown>((word, of) => {
    const range = portRange(word)
    if (range !== undefined) return [range]
    const alias = known.get(word)
    if (alias === undefined) return { kind: 'reference', what: `the ports ${word}, which no alias defines` }
    if (fetched.test(alias.type))
      return { kind: 'dynamic-set', what: `the content of the alias ${word} (${alias.type})` }
    const parts = alias.values.map(of)
    const unknown = parts.find((part): part is Unknown => 'kind' in part)
    return unknown ?? mergedNumbers(parts.flatMap((part) => ('kind' in part ? [] : part)))
  }, notFollowed)

  return { addresses, ports }
}

function notFollowed(name: string, why: string): Unknown {
  return { kind: 'other', what: `the alias ${name}, ${why}` }
}

function tagged(tag: string, what: string): Unknown {
  return { kind: 'tag', what, tag }
}

function literal(word: string): Addresses {
  if (/^any$/i.test(word)) return everyAddress()
  const range = cidrRange(word) ?? between(word)
  if (range !== undefined) return addressesOf([range])
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)+\.?$/i.test(word) && !/^[\d.]+$/.test(word)) {
    const name = word.toLowerCase().replace(/\.$/, '')
    return unknownAddresses({
      kind: 'names',
      what: `the addresses of ${name}, which are resolved again and again`,
      names: [{ text: word, name, covers: 'exactly' }],
    })
  }
  return unknownAddresses({ kind: 'reference', what: `${word}, which no alias defines` })
}

function between(word: string): AddressRange | undefined {
  const [from = '', to = '', ...more] = word.split('-')
  return more.length > 0 ? undefined : rangeBetween(from, to)
}

function portRange(word: string): NumberRange | undefined {
  const [, from = '', to = from] = /^(\d{1,5})(?:[-:](\d{1,5}))?$/.exec(word) ?? []
  const range = { first: Number(from), last: Number(to) }
  return from === '' || range.last > 65535 || range.last < range.first ? undefined : range
}
