/** What a platform lets a process of Node see of the network otherwise than the others do. */
export interface PlatformTraits {
  /**
   * ICMP's word that nobody listens at a port of UDP does not come through, and is told as silence: libuv takes what
   * Windows says of it (WSAECONNRESET) for noise of an earlier datagram, on a connected socket as well.
   */
  readonly isDeafToRefusals: boolean
  /**
   * A refusal is not believed at once: the SYN is sent again, at the same pace, until the last one is refused too
   * (Microsoft, article 175523). How long that takes, in milliseconds; absent where the first refusal counts.
   */
  readonly refusalMs?: number
  /**
   * The platform's own name for a connection that a rule forbids, where it is always one of this machine: Node calls it
   * EACCES, as Linux does what a device on an IPv6 path forbids.
   */
  readonly forbiddenHere?: string
}

const others: PlatformTraits = { isDeafToRefusals: false }

const known: Readonly<Record<string, PlatformTraits>> = {
  win32: { isDeafToRefusals: true, refusalMs: 2200, forbiddenHere: 'WSAEACCES' },
}

/** @param platform Node's word: `linux`, `win32`, `darwin` */
export function traitsOf(platform: string): PlatformTraits {
  return known[platform] ?? others
}

export const ownTraits: PlatformTraits = traitsOf(process.platform)
