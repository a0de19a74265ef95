import type { AddressRange } from '../../addresses.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Interface } from './interfaces.ts'
import { isOn } from './interfaces.ts'

/** Gateways and their groups, as rules and routes name them. */
export interface Gateways {
  /**
   * Keys of the interfaces by which a gateway or group leads out: of a group all of them, because which gateways are up
   * no file says. Empty: the file does not tell. Undefined: `default`, which is what the routes say.
   */
  readonly placesOf: (name: string) => readonly string[] | undefined
  /** Keys of the interfaces of gateways that may be the default one, where the file marks them. */
  readonly marked: readonly string[]
  /** Networks behind tunnels: rules with a gateway leave their packets to the routes, unless that is switched off. */
  readonly tunnels: readonly AddressRange[]
}

/** Reads the gateways of both products; OPNsense has them in a section of its own as well. */
export function gatewaysOf(root: XmlTree, interfaces: readonly Interface[]): Gateways {
  const sections = [root.child('gateways'), root.child('OPNsense', 'Gateways')]
  const items = sections.flatMap((section) => section?.elements('gateway_item') ?? [])
  const groups = sections.flatMap((section) => section?.elements('gateway_group') ?? [])
  const placeOf = (name: string): string | undefined =>
    items
      .find((item) => item.child('name')?.text() === name)
      ?.child('interface')
      ?.text() ??
    // Gateways of leased addresses have no entry: they are called after their interface.
    interfaces.find(({ key, title }) =>
      [key, title].some((word) => name.toUpperCase().startsWith(`${word.toUpperCase()}_`)),
    )?.key
  return {
    placesOf(name) {
      if (name === '' || name === 'default') return undefined
      const group = groups.find((one) => one.child('name')?.text() === name)
      const members = group?.elements('item').map((item) => item.text().split('|')[0] ?? '') ?? [name]
      const places = members.map(placeOf)
      const known = places.filter((place) => place !== undefined)
      return known.length === places.length ? [...new Set(known)] : []
    },
    marked: [
      ...new Set(
        items.flatMap((item) => (isOn(item.child('defaultgw')) ? (item.child('interface')?.text() ?? []) : [])),
      ),
    ],
    tunnels: tunnelsOf(root),
  }
}

/** Remote networks of OpenVPN and of IPsec, as far as they are written as networks. */
function tunnelsOf(root: XmlTree): readonly AddressRange[] {
  const open = root.child('openvpn')?.elements() ?? []
  const phases = root.child('ipsec')?.elements('phase2') ?? []
  const words = [
    ...open.flatMap((one) =>
      ['tunnel_network', 'tunnel_networkv6', 'remote_network', 'remote_networkv6'].flatMap((name) =>
        (one.child(name)?.text() ?? '').split(','),
      ),
    ),
    ...phases.map((phase) => {
      const of = (name: string): string => phase.child('remoteid', name)?.text() ?? ''
      return of('netbits') === '' ? of('address') : `${of('address')}/${of('netbits')}`
    }),
  ]
  return words.flatMap((word) => cidrRange(word.trim()) ?? [])
}
