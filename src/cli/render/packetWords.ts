import { icmpErrorName } from '../../diagnose/icmpErrors.ts'
import { hostPort } from '../../model/hostPort.ts'
import type { PacketEvidence } from '../../model/observation.ts'

/** What the packets of one attempt show, in words: what was looked at, what came, and particulars. */
export function packetStep(seen: PacketEvidence): {
  readonly did: string
  readonly came: string
  readonly particulars: readonly string[]
} {
  const { address, port, transport, sent, synAck, rst, ownRst, icmp, resent = 0, lost = 0, of } = seen
  const what = transport === 'tcp' ? 'SYN' : 'datagram'
  const came = [
    ...(synAck === undefined ? [] : [`a SYN-ACK came (TTL ${synAck.ttl})`]),
    ...(rst === undefined ? [] : [`a reset came (TTL ${rst.ttl})`]),
    ...icmp.map((error) => `${error.from} says: ${icmpErrorName(error)}`),
  ]
  return {
    did: `captured ${hostPort(address, port)} over ${transport}: ${sent} ${what}${sent === 1 ? '' : 's'} left`,
    came: came.length === 0 ? 'no packet came back' : came.join(', '),
    particulars: [
      `of ${of}`,
      ...(rst === undefined ? [] : [`reset after ${rst.afterMs} ms`]),
      ...(synAck === undefined ? [] : [`SYN-ACK after ${synAck.afterMs} ms`]),
      ...(ownRst === true ? ['this machine reset what came'] : []),
      ...(resent === 0 ? [] : [`${resent} ${resent === 1 ? 'segment' : 'segments'} sent again`]),
      ...(lost === 0 ? [] : [`the kernel dropped ${lost} packets of the capture`]),
    ],
  }
}
