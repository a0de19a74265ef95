import type { AddressRange } from '../../addresses.ts'
import { mergedRanges } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Place } from '../../ruleset.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import { cidrRange } from '../cidrRange.ts'

/** An interface by its key (`wan`, `lan`, `opt1`), as rules name it. */
export interface Interface {
  readonly key: string
  /** As people call it: `DMZ`. */
  readonly title: string
  /** Addresses of its own, virtual ones included. */
  readonly own: readonly AddressRange[]
  /** The networks that those addresses are in. */
  readonly nets: readonly AddressRange[]
  /** Whether it leads to the internet: it has a gateway, or gets its address from outside. */
  readonly isOutside: boolean
  readonly blocksPrivate: boolean
  readonly blocksBogons: boolean
}

/** What gives an address that the file does not have. */
const leased = new Set(['dhcp', 'dhcp6', 'slaac', '6rd', '6to4', 'pppoe', 'pptp', 'l2tp', 'ppp'])

/** Interfaces that are enabled. `lan` is without saying so in old files. */
export function interfacesOf(root: XmlTree | undefined, hints: ReadingHints): readonly Interface[] {
  const virtual = root?.child('virtualip')?.elements('vip') ?? []
  const found = (root?.child('interfaces')?.elements() ?? []).flatMap((one): readonly Interface[] => {
    const key = one.name
    if (one.child('enable') === undefined && key !== 'lan' && key !== 'wan') return []
    const of = (name: string): string => one.child(name)?.text() ?? ''
    const title = of('descr') === '' ? key.toUpperCase() : of('descr')
    const placed = [
      [of('ipaddr'), of('subnet')],
      [of('ipaddrv6'), of('subnetv6')],
      ...virtual
        .filter((vip) => vip.child('interface')?.text() === key)
        .map((vip) => [vip.child('subnet')?.text() ?? '', vip.child('subnet_bits')?.text() ?? '']),
    ].map(([address = '', length = '']) => [cidrRange(address), cidrRange(`${address}/${length}`)] as const)
    const hint = hints.places[key] ?? hints.places[title]
    return [
      {
        key,
        title,
        own: placed.flatMap(([address]) => address ?? []),
        nets: hint ?? mergedRanges(placed.flatMap(([, net]) => net ?? [])),
        isOutside: [of('ipaddr'), of('ipaddrv6')].some((word) => leased.has(word)) || of('gateway') !== '',
        blocksPrivate: isOn(one.child('blockpriv')),
        blocksBogons: isOn(one.child('blockbogons')),
      },
    ]
  })
  const isInFile = (word: string): boolean => found.some(({ key, title }) => key === word || title === word)
  // A section that was saved alone has no interfaces: what the user says of them stands in for it.
  const told = Object.entries(hints.places).filter(([word]) => !isInFile(word))
  return [
    ...found,
    ...told.map(([key, nets]): Interface => {
      const isOutside = key === 'wan'
      return { key, title: key, own: [], nets, isOutside, blocksPrivate: false, blocksBogons: false }
    }),
  ]
}

/** pfSense writes an empty element for *on*, OPNsense `1`; `0` and *no* are off. */
export function isOn(element: XmlTree | undefined): boolean {
  return element !== undefined && !/^(0|no|off|false)$/i.test(element.text())
}

/** Places by key; titles and groups are zones, so that either word leads there. */
export function placesOf(
  root: XmlTree | undefined,
  interfaces: readonly Interface[],
  hints: ReadingHints,
): readonly Place[] {
  const groups = root?.child('ifgroups')?.elements('ifgroupentry') ?? []
  return interfaces.map(({ key, title, own, nets, isOutside }) => {
    const member = groups
      .filter((group) => (group.child('members')?.text() ?? '').split(/\s+/).includes(key))
      .map((group) => group.child('ifname')?.text() ?? '')
    const isTold = hints.places[key] !== undefined || hints.places[title] !== undefined
    return {
      name: key,
      kind: 'interface',
      zones: [...new Set([title, ...member])].filter((zone) => zone !== key && zone !== ''),
      // Behind an interface with a gateway lies more than its own network: what exactly, the routes say.
      ...((!isOutside || isTold) && { networks: nets }),
      own,
    }
  })
}

/** Names of interface groups. */
export function groupNames(root: XmlTree | undefined): ReadonlySet<string> {
  const groups = root?.child('ifgroups')?.elements('ifgroupentry') ?? []
  return new Set(groups.map((group) => group.child('ifname')?.text() ?? ''))
}
