import { parseAddress } from '../model/cidr.ts'
import { plainAddress } from '../model/plainAddress.ts'

/** Beyond this many addresses a filter gets too long for kernels (4096 steps, up to 25 an IPv6 address). */
const mostAddresses = 150

/** Errors of ICMP, whoever sends them: types of RFC 792 that quote a packet, and those of RFC 4443. */
const icmpErrors = '(icmp and icmp[0] > 2 and icmp[0] < 13 and icmp[0] != 8) or (icmp6 and ip6[40] < 128)'

/** Segments that open, refuse or end a connection, whoever they are with. */
const control = '(ip and tcp[13] & 7 != 0) or (ip6 and ip6[6] = 6 and ip6[53] & 7 != 0)'

/**
 * The filter of a capture, as libpcap reads it (pcap-filter(7)): what goes to and comes from given addresses, and every
 * ICMP error, for those come from anywhere on the way. Of many addresses only segments that open or end a connection are
 * kept, then from and to any address.
 *
 * @throws RangeError for what is no address: a name would be looked up, which is traffic that nobody asked for
 */
export function captureFilter(addresses: readonly string[]): string {
  const hosts = new Set(addresses.map(hostOf))
  if (hosts.size === 0) return icmpErrors
  if (hosts.size > mostAddresses) return `${control} or ${icmpErrors}`
  return `${[...hosts].map((host) => `host ${host}`).join(' or ')} or ${icmpErrors}`
}

/** An address as it stands in packets: one that is mapped (RFC 4291 §2.5.5.2) goes over IPv4; what is none stays. */
export function addressInPackets(text: string): string {
  return plainAddress(text) ?? text
}

function hostOf(text: string): string {
  if (parseAddress(text) === undefined) {
    throw new RangeError(`an IP address is wanted, not ${JSON.stringify(text)}`)
  }
  return addressInPackets(text)
}
