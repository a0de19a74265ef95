/**
 * Octets that come in parts and are read in records. A record that lies within one part is seen where it lies, without a
 * copy; only one that straddles parts is put together.
 */
export interface OctetQueue {
  /** Adds a part. It is kept as it is and must not be written to any more. */
  push(octets: Uint8Array): void
  /** Whether the next `count` octets are there; they lie side by side then. */
  has(count: number): boolean
  /** How many octets are there at least; all of them where `has` said no. */
  readonly available: number
  /** Octets that were taken so far: the place of the next one in the whole. */
  readonly taken: number
  /** Numbers of the next octets, counted from the first one; only of those that `has` said are there. */
  uint8(at: number): number
  uint16(at: number, little: boolean): number
  uint32(at: number, little: boolean): number
  int64(at: number, little: boolean): bigint
  /** Octets from one place to another one of the next, as a view that stays as it is. */
  view(from: number, to: number): Uint8Array
  /** Goes on behind the next `count` octets, which `has` said are there. */
  take(count: number): void
  /** Goes on behind up to `count` octets. @returns how many of them were there */
  skip(count: number): number
}

/** What is put together grows from this size by doubling, so that a length alone takes no memory. */
const leastJoined = 4096

export function createOctetQueue(): OctetQueue {
  let octets: Uint8Array = new Uint8Array()
  let view: DataView = new DataView(octets.buffer)
  let from = 0
  let to = 0
  /** Whether `octets` was made here, so that it may be added to behind `to`. */
  let isOwn = false
  let taken = 0
  const parts: Uint8Array[] = []

  const look = (at: Uint8Array, length: number, own: boolean): void => {
    octets = at
    view = new DataView(at.buffer, at.byteOffset, at.byteLength)
    from = 0
    to = length
    isOwn = own
  }

  /** Brings in octets of the next part, up to `count` side by side. */
  const join = (part: Uint8Array, count: number): void => {
    const unread = to - from
    if (unread === 0) {
      look(part, part.length, false)
      parts.shift()
      return
    }
    const wanted = Math.min(count - unread, part.length)
    if (!isOwn || octets.length - to < wanted) {
      const room = Math.max(unread + wanted, Math.min(count, Math.max(leastJoined, 2 * unread)))
      const joined = new Uint8Array(room)
      joined.set(octets.subarray(from, to))
      look(joined, unread, true)
    }
    octets.set(part.subarray(0, wanted), to)
    to += wanted
    if (wanted === part.length) parts.shift()
    else parts[0] = part.subarray(wanted)
  }

  return {
    push(part) {
      if (part.length > 0) parts.push(part)
    },
    has(count) {
      while (to - from < count) {
        const part = parts[0]
        if (part === undefined) return false
        join(part, count)
      }
      return true
    },
    get available() {
      return to - from
    },
    get taken() {
      return taken
    },
    uint8: (at) => view.getUint8(from + at),
    uint16: (at, little) => view.getUint16(from + at, little),
    uint32: (at, little) => view.getUint32(from + at, little),
    int64: (at, little) => view.getBigInt64(from + at, little),
    view: (start, end) => octets.subarray(from + start, from + end),
    take(count) {
      from += count
      taken += count
    },
    skip(count) {
      let left = count
      while (left > 0) {
        if (to === from) {
          const part = parts.shift()
          if (part === undefined) break
          look(part, part.length, false)
        }
        const step = Math.min(left, to - from)
        from += step
        left -= step
      }
      taken += count - left
      return count - left
    },
  }
}
