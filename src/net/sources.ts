import { networkInterfaces } from 'node:os'

/** Addresses of this machine, one an interface, from which others can be reached over the family of `address`: loopback and link-local ones cannot. */
export function ownAddresses(address: string): readonly string[] {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  const linkLocal = family === 'IPv6' ? /^fe[89ab]/i : /^169\.254\./
  return Object.values(networkInterfaces()).flatMap((addresses = []) => {
    const own = addresses.find((one) => one.family === family && !one.internal && !linkLocal.test(one.address))
    return own === undefined ? [] : [own.address]
  })
}

/** What a connection to `address` can be bound to; none where this machine has a single interface, for then there is no choice. */
export function sources(address: string): readonly string[] {
  const own = ownAddresses(address)
  return own.length > 1 ? own : []
}
