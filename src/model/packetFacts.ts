/** A segment that came from the other end, or from whoever spoke in its name. */
export interface SegmentSeen {
  /** What was left of the time to live (hop limit): whoever answers from nearer has more of it left. */
  readonly ttl: number
  /** Since the last SYN that was sent before it, in milliseconds. */
  readonly afterMs: number
}

/** An ICMP error about a packet of the attempt (RFC 792, RFC 4443). */
export interface IcmpErrorSeen {
  /** The device that says so. */
  readonly from: string
  readonly family: 4 | 6
  readonly type: number
  readonly code: number
  /** What the next link takes, of a packet that was too big. */
  readonly mtu?: number
}
