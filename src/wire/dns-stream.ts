const prefixLength = 2

/** A message as it goes over TCP: two octets of length before it (RFC 1035 §4.2.2). */
export function prefixedDnsMessage(message: Uint8Array): Uint8Array {
  const octets = new Uint8Array(prefixLength + message.length)
  new DataView(octets.buffer).setUint16(0, message.length)
  octets.set(message, prefixLength)
  return octets
}

/**
 * Takes the messages out of a TCP stream (RFC 1035 §4.2.2), which comes in pieces of any size. Pieces are joined when
 * enough of them are there for a message, and each octet is joined once for each message that it is part of; no more
 * than one message and one piece are held.
 */
export class DnsStream {
  #pieces: Uint8Array[] = []
  #have = 0
  #wanted = prefixLength

  /** Octets of a message that is not whole yet, its length included. */
  get pending(): number {
    return this.#have
  }

  /** Gives the messages that are whole with this piece. Whoever stops before the last of them is done with the stream. */
  *add(piece: Uint8Array): Generator<Uint8Array, void, undefined> {
    this.#pieces.push(piece)
    this.#have += piece.length
    if (this.#have < this.#wanted) return
    const octets = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces)
    let from = 0
    let end = messageEnd(octets, from)
    for (; end <= octets.length; end = messageEnd(octets, from)) {
      yield octets.subarray(from + prefixLength, end)
      from = end
    }
    this.#pieces = [octets.subarray(from)]
    this.#have = octets.length - from
    this.#wanted = end - from
  }
}

/** Where the message that begins at `from` ends; as long as its length is not there, where the length would. */
function messageEnd(octets: Uint8Array, from: number): number {
  const [high, low] = octets.subarray(from, from + prefixLength)
  return from + prefixLength + (high === undefined || low === undefined ? 0 : high * 256 + low)
}
