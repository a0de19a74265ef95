import { dc } from '../test/namespaces/places.ts'
import type { Rig } from '../test/namespaces/rig.ts'

/** A thousand domain controllers, each with eight flows that are asked once a minute; one real controller plays them all. */
export const many = {
  count: 1000,
  prefix: '10.78.0.0/22',
  addressOf: (at: number) => `10.78.${at >> 8}.${at & 0xff}`,
} as const

/** Leads every address of the thousand to the one controller of the rig. */
export async function leadMany(rig: Rig): Promise<void> {
  await rig.ip('firewall', `route add ${many.prefix} via ${dc.address}`)
  await rig.nft(
    'dc',
    `table ip many {
  chain in {
    type nat hook prerouting priority dstnat
    ip daddr ${many.prefix} dnat to ${dc.address}
  }
}`,
  )
}
