import { hostname, networkInterfaces } from 'node:os'
import type { Family } from '../check/resolveNames.ts'
import type { Machine } from '../check/vantageOf.ts'
import { canonicalAddress } from '../model/cidr.ts'

/** This machine's addresses and names, as the platform gives them. */
export function thisMachine(): Machine {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))
  const full = hostname()
  const short = full.split('.')[0] ?? full
  return {
    addresses: addresses
      .map((address) => canonicalAddress(address.split('%')[0] ?? ''))
      .filter((text) => text !== undefined),
    names: short === full ? [full] : [full, short],
  }
}

/**
 * The families that this machine can dial beyond itself: one that has only loopback or link-local addresses leads
 * nowhere, and asking for such addresses would end in accusations of the path.
 */
export function dialableFamilies({ addresses }: Machine): readonly Family[] {
  const families = new Set<Family>()
  for (const address of addresses) {
    if (address.startsWith('127.') || address.startsWith('169.254.')) continue
    if (address === '::1' || address.startsWith('fe80:')) continue
    families.add(address.includes(':') ? 'ipv6' : 'ipv4')
  }
  // A machine with loopback alone is one where everything is on loopback.
  return families.size > 0 ? [...families].sort() : ['ipv4']
}
