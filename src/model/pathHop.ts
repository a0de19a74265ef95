/** What came back for one time to live (hop limit) on the way to a place, or that nothing did. */
export interface PathHop {
  /** From 1. Several hops may have the same: then more than one answered, as where a path forks. */
  readonly ttl: number
  /** Who answered, canonical; absent where nobody did in time, which says nothing of whether packets passed. */
  readonly address?: string
  readonly ms?: number
  /** Where it did not say that the packet had come to the end of its time to live, but why it goes no further. */
  readonly says?: 'net-unreachable' | 'host-unreachable' | 'prohibited' | 'unreachable'
}
