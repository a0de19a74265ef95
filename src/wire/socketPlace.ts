import { canonicalAddress } from '../model/cidr.ts'

/** An address, canonical and without the IPv4-mapped form, and a port. */
export interface SocketPlace {
  readonly address: string
  readonly port: number
}

/**
 * Reads a place as Linux' tables of sockets write it: `0500010A:0185`, 8 or 32 hexadecimal digits and a port
 * (proc_pid_net(5)).
 *
 * @param littleEndian how the kernel's machine keeps numbers: an address stands there as numbers of four octets
 */
export function readSocketPlace(text: string, littleEndian: boolean): SocketPlace | undefined {
  const [hex = '', port = ''] = text.split(':')
  if (hex.length !== 8 && hex.length !== 32) return undefined
  const octets = (hex.match(/.{8}/g) ?? []).flatMap((word) => {
    const numbers = (word.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
    return littleEndian ? numbers.reverse() : numbers
  })
  const mapped = octets.length === 16 && octets.slice(0, 10).every((one) => one === 0) && octets[10] === 0xff
  const four = octets.length === 4 ? octets : mapped && octets[11] === 0xff ? octets.slice(12) : undefined
  const address = canonicalAddress(four === undefined ? groupsOf(octets) : four.join('.'))
  return address === undefined ? undefined : { address, port: Number.parseInt(port, 16) }
}

function groupsOf(octets: readonly number[]): string {
  return Array.from({ length: 8 }, (_, at) =>
    ((octets[2 * at] ?? 0) * 256 + (octets[2 * at + 1] ?? 0)).toString(16),
  ).join(':')
}
