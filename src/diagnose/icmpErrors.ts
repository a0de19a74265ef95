import type { IcmpErrorSeen } from '../model/packetFacts.ts'

/** What an ICMP error means to the one whose packet it is about. */
export type IcmpMeaning =
  /** A policy forbids the packet. */
  | 'prohibited'
  /** Nobody takes it at that port: of the host itself its own word, of another device a firewall's. */
  | 'port'
  /** There is no way on from there. */
  | 'no-way'
  /** It went in circles, or further than its time to live. */
  | 'exceeded'
  | 'too-big'

type Row = readonly [name: string, means?: IcmpMeaning]

/** Type and code over IPv4 (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1). */
const overIpv4: Readonly<Record<string, Row>> = Object.freeze({
  '3.0': ['network unreachable', 'no-way'],
  '3.1': ['host unreachable', 'no-way'],
  '3.2': ['protocol unreachable', 'port'],
  '3.3': ['port unreachable', 'port'],
  '3.4': ['fragmentation needed', 'too-big'],
  '3.5': ['source route failed', 'no-way'],
  '3.6': ['network unknown', 'no-way'],
  '3.7': ['host unknown', 'no-way'],
  '3.9': ['network administratively prohibited', 'prohibited'],
  '3.10': ['host administratively prohibited', 'prohibited'],
  '3.11': ['network unreachable for this type of service', 'no-way'],
  '3.12': ['host unreachable for this type of service', 'no-way'],
  '3.13': ['communication administratively prohibited', 'prohibited'],
  '11.0': ['time to live exceeded', 'exceeded'],
})

/** Over IPv6 (RFC 4443 §3). */
const overIpv6: Readonly<Record<string, Row>> = Object.freeze({
  '1.0': ['no route to destination', 'no-way'],
  '1.1': ['communication administratively prohibited', 'prohibited'],
  '1.2': ['beyond scope of source address', 'no-way'],
  '1.3': ['address unreachable', 'no-way'],
  '1.4': ['port unreachable', 'port'],
  '1.5': ['source address failed policy', 'prohibited'],
  '1.6': ['reject route to destination', 'prohibited'],
  '2.0': ['packet too big', 'too-big'],
  '3.0': ['hop limit exceeded', 'exceeded'],
})

function rowOf({ family, type, code }: Pick<IcmpErrorSeen, 'family' | 'type' | 'code'>): Row | undefined {
  return (family === 4 ? overIpv4 : overIpv6)[`${type}.${code}`]
}

/** `communication administratively prohibited (ICMP 3/13)`. */
export function icmpErrorName(error: Pick<IcmpErrorSeen, 'family' | 'type' | 'code'>): string {
  const number = `ICMP${error.family === 6 ? 'v6' : ''} ${error.type}/${error.code}`
  const name = rowOf(error)?.[0]
  return name === undefined ? number : `${name} (${number})`
}

/** @returns undefined for what says nothing about the way: a header that could not be read, a queue that was full */
export function icmpMeaning(error: Pick<IcmpErrorSeen, 'family' | 'type' | 'code'>): IcmpMeaning | undefined {
  return rowOf(error)?.[1]
}
