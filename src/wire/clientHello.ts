/** What the first octets of a connection are. */
export type FirstOctets =
  | { readonly kind: 'client-hello'; readonly serverName?: string }
  | { readonly kind: 'not-tls' }
  | { readonly kind: 'incomplete' }

const handshakeRecord = 22
const clientHello = 1
const serverNameExtension = 0
const hostName = 0

/**
 * Reads the name that a client asks for in its ClientHello (RFC 8446 §4.1.2, RFC 6066 §3), across as many records as it
 * came in. Never throws on input from the network; what contradicts itself is `not-tls`.
 */
export function readFirstOctets(octets: Uint8Array): FirstOctets {
  const handshake: number[] = []
  let at = 0
  while (handshake.length < 4 || handshake.length < 4 + lengthOf(handshake)) {
    const type = octets[at]
    const major = octets[at + 1]
    if (type !== undefined && type !== handshakeRecord) return { kind: 'not-tls' }
    if (major !== undefined && major !== 3) return { kind: 'not-tls' }
    const high = octets[at + 3]
    const low = octets[at + 4]
    if (high === undefined || low === undefined) return { kind: 'incomplete' }
    const end = at + 5 + high * 256 + low
    if (octets.length < end) return { kind: 'incomplete' }
    if (end === at + 5) return { kind: 'not-tls' }
    for (const octet of octets.subarray(at + 5, end)) handshake.push(octet)
    if (handshake[0] !== clientHello) return { kind: 'not-tls' }
    at = end
  }
  const serverName = serverNameIn(Uint8Array.from(handshake.slice(4, 4 + lengthOf(handshake))))
  return serverName === undefined ? { kind: 'client-hello' } : { kind: 'client-hello', serverName }
}

function lengthOf(handshake: readonly number[]): number {
  const [, high = 0, middle = 0, low = 0] = handshake
  return (high << 16) | (middle << 8) | low
}

/** The host_name of the server_name extension, in lower case. */
function serverNameIn(hello: Uint8Array): string | undefined {
  const view = new DataView(hello.buffer, hello.byteOffset, hello.byteLength)
  try {
    let at = 2 + 32
    at += 1 + view.getUint8(at) // session id
    at += 2 + view.getUint16(at) // cipher suites
    at += 1 + view.getUint8(at) // compression methods
    const end = at + 2 + view.getUint16(at)
    at += 2
    while (at + 4 <= end) {
      const type = view.getUint16(at)
      const length = view.getUint16(at + 2)
      if (type === serverNameExtension && view.getUint8(at + 6) === hostName) {
        const name = hello.subarray(at + 9, at + 9 + view.getUint16(at + 7))
        return new TextDecoder('latin1').decode(name).toLowerCase()
      }
      at += 4 + length
    }
  } catch {
    // A length that points past the end: the server that reads the octets next will say so in TLS's own words.
  }
  return undefined
}
