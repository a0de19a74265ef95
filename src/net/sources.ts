import { networkInterfaces } from 'node:os'
import { canonicalAddress, isLoopback, parseAddress } from '../model/cidr.ts'

type Interfaces = ReturnType<typeof networkInterfaces>

/** None where they cannot be listed: that takes a descriptor, of which this process may have no more. */
function interfacesNow(): Interfaces {
  try {
    return networkInterfaces()
  } catch {
    return {}
  }
}

/** Addresses of this machine, one an interface, from which others can be reached over the family of `address`: loopback and link-local ones cannot. */
export function ownAddresses(address: string, interfaces: Interfaces = interfacesNow()): readonly string[] {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  const linkLocal = family === 'IPv6' ? /^fe[89ab]/i : /^169\.254\./
  return Object.values(interfaces).flatMap((addresses = []) => {
    const own = addresses.find((one) => one.family === family && !one.internal && !linkLocal.test(one.address))
    return own === undefined ? [] : [own.address]
  })
}

/**
 * What a connection to `address` can be bound to; none where there is no choice: this machine has a single interface, or
 * it is spoken to itself.
 */
export function sources(address: string, interfaces: Interfaces = interfacesNow()): readonly string[] {
  if (isOwn(address, interfaces)) return []
  const own = ownAddresses(address, interfaces)
  return own.length > 1 ? own : []
}

/** Whether an address is one of this machine, of whatever interface. */
export function isOwn(address: string, interfaces: Interfaces = interfacesNow()): boolean {
  const parsed = parseAddress(address)
  if (parsed !== undefined && isLoopback(parsed)) return true
  const wanted = canonicalAddress(address)
  return Object.values(interfaces).some((addresses = []) =>
    addresses.some((one) => canonicalAddress(one.address) === wanted),
  )
}
