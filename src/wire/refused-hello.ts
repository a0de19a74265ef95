/**
 * A ClientHello that no server can agree to (RFC 5246 §7.4.1.2), which is answered in few octets, by an alert: it offers
 * one cipher suite, which is reserved (RFC 8701), in TLS 1.0. What it says besides is the name, as any hello does.
 *
 * @param serverName ASCII, at most 255 characters; absent: no name is asked for
 */
export function encodeRefusedHello(serverName?: string): Uint8Array {
  const body = [
    ...tls10,
    // Nothing is agreed on: the random value need not be one.
    ...new Array<number>(32).fill(0x5a),
    0,
    ...vector16(reservedSuite),
    ...[1, 0],
    ...vector16(serverName === undefined ? [] : serverNameExtension(new TextEncoder().encode(serverName))),
  ]
  const handshake = [1, 0, ...vector16(body)]
  return Uint8Array.from([22, ...tls10, ...vector16(handshake)])
}

const tls10 = [3, 1] as const
const reservedSuite = [0x0a, 0x0a] as const

/** RFC 6066 §3. */
function serverNameExtension(name: Uint8Array): readonly number[] {
  return [0, 0, ...vector16(vector16([0, ...vector16([...name])]))]
}

/** A vector with its length in two octets before it (RFC 5246 §4.3). */
function vector16(octets: readonly number[]): readonly number[] {
  return [octets.length >> 8, octets.length & 0xff, ...octets]
}
