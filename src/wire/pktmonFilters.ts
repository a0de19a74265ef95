import { parseAddress } from '../model/cidr.ts'
import { addressInPackets } from './captureFilter.ts'

/** Filters that Windows' Packet Monitor takes; builds before 2021 took 8. */
const mostFilters = 32

const icmp = [
  ['-t', 'ICMP'],
  ['-t', 'ICMPv6'],
] as const

/** Segments that open, refuse or end a connection, whoever they are with. */
const control = ['SYN', 'RST', 'FIN'].map((flag) => ['-t', 'TCP', flag])

/**
 * The filters of a capture by Windows' Packet Monitor, as `pktmon filter add` reads them behind a name: what goes to and
 * comes from given addresses, and every message of ICMP, for errors come from anywhere on the way. A packet is captured
 * that fits one of them.
 *
 * @returns `wider`: those that serve where there are too many addresses, or where a build takes fewer filters
 * @throws RangeError for what is no address
 */
export function pktmonFilters(addresses: readonly string[]): {
  readonly filters: readonly (readonly string[])[]
  readonly wider: readonly (readonly string[])[]
} {
  const wider = [...control, ...icmp]
  for (const text of addresses) {
    if (parseAddress(text) === undefined) throw new RangeError(`an IP address is wanted, not ${JSON.stringify(text)}`)
  }
  const hosts = [...new Set(addresses.map(addressInPackets))].map((host) => ['-i', host])
  return { filters: hosts.length + icmp.length > mostFilters ? wider : [...hosts, ...icmp], wider }
}
