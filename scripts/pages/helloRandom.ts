const handshakeRecord = 22
const clientHello = 1
const keyShare = 51
const helloAt = 5 + 4

/**
 * Where a ClientHello (RFC 8446 §4.1.2) is another one each time: its random, its session id, and the keys that it shares.
 *
 * @returns undefined for what is no ClientHello
 */
export function helloRandom(octets: Uint8Array): ReadonlySet<number> | undefined {
  if (octets[0] !== handshakeRecord || octets[5] !== clientHello) return undefined
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const random = new Set<number>()
  const mark = (from: number, length: number): number => {
    for (let at = from; at < from + length; at += 1) random.add(at)
    return from + length
  }
  let at = mark(helloAt + 2, 32)
  at = mark(at + 1, view.getUint8(at))
  at += 2 + view.getUint16(at)
  at += 1 + view.getUint8(at)
  at += 2
  while (at < octets.length) {
    const [type, length] = [view.getUint16(at), view.getUint16(at + 2)]
    at += 4
    // A list of groups, each with the length of its key and the key.
    for (let share = at + 2; type === keyShare && share < at + length; ) {
      share = mark(share + 4, view.getUint16(share + 2))
    }
    at += length
  }
  return random
}
