import type { Look } from './look.ts'
import { ok, unknown } from './look.ts'

/** A segment on a path with Ethernet's MTU, less what tunnels often take. */
const oneSegment = 1400

/** The Node that runs this, and what its TLS looks like on the wire. */
export const runtime: Look = {
  id: 'runtime',
  group: 'program',
  title: 'Node and its TLS',
  async look({ nodeVersion, ownHelloOctets }, _asked, limits) {
    const octets = await ownHelloOctets(limits)
    if (octets === undefined) return unknown(`Node ${nodeVersion}; the size of its ClientHello was not learnt`)
    const figures = { node: nodeVersion, ownHelloOctets: octets }
    return ok(
      octets > oneSegment
        ? `Node ${nodeVersion} sends a ClientHello of ${octets} octets by itself (a post-quantum key share), which takes two segments; probes send a small one, as agents on Windows do, and compare the two where a handshake fails`
        : `Node ${nodeVersion} sends a ClientHello of ${octets} octets by itself, which fits one segment; probes send a small one as well`,
      { figures },
    )
  },
}
