import { isLoopback, isPrivate, parseAddress } from '../model/cidr.ts'
import type { Look } from './look.ts'
import { ok, unknown } from './look.ts'

/** An address of Microsoft's in each family: the kernel is asked for the way, and nothing is sent. */
const far = { ipv4: '20.190.128.1', ipv6: '2603:1000::1' } as const

/** With which families this machine can leave its own network, as far as its own tables say. */
export const ipv6: Look = {
  id: 'ipv6',
  group: 'sockets',
  title: 'IPv4 and IPv6',
  async look({ addresses, routeTo }, _asked, limits) {
    const [v4, v6] = await Promise.all([routeTo(far.ipv4, limits), routeTo(far.ipv6, limits)])
    const own = addresses.flatMap(({ address }) => {
      const parsed = parseAddress(address)
      return parsed === undefined || isLoopback(parsed) || /^(fe80:|169\.254\.)/.test(address) ? [] : [parsed.family]
    })
    const figures = {
      ipv4Addresses: own.filter((family) => family === 4).length,
      ipv6Addresses: own.filter((family) => family === 6).length,
      ipv4Route: v4.kind === 'route',
      ipv6Route: v6.kind === 'route',
    }
    const seenAs = v6.kind === 'route' ? parseAddress(v6.localAddress) : undefined
    const v4Words = v4.kind === 'route' ? `IPv4 leads out from ${v4.localAddress}` : 'IPv4 has no way out'
    if (v6.kind === 'none') {
      const words = `${v4Words}; IPv6 has ${figures.ipv6Addresses === 0 ? 'no address' : 'addresses and no way out'}`
      if (v4.kind === 'none')
        return unknown(`${words}: this machine is cut off, or its tables are not told`, { figures })
      return ok(`${words}: IPv6 addresses of names are left out`, { figures })
    }
    if (seenAs !== undefined && isPrivate(seenAs)) {
      return ok(
        `${v4Words}; IPv6 has a way out from ${v6.localAddress}, which nobody on the internet can answer unless it is translated`,
        { figures },
      )
    }
    return ok(`${v4Words}; IPv6 leads out from ${v6.localAddress}`, { figures })
  },
}
