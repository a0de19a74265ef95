/** An answer over UDP 123, read as NTP (RFC 5905 §7.3). */
export type TimeAnswer =
  | {
      readonly kind: 'time'
      /** `unsynchronised` is the server's word for "do not use this". */
      readonly leap: 'none' | 'add-second' | 'delete-second' | 'unsynchronised'
      readonly version: number
      /** 1 is a server with a clock of its own, 2 to 15 are so many steps away from one, 16 is unsynchronised. */
      readonly stratum: number
      /** What the server follows: a name such as `GPS` at stratum 1, above it an IPv4 address or a hash in its form. */
      readonly reference: string
      /** To the clock at the root and back, and how far off the time may be against it, in milliseconds. */
      readonly rootDelayMs: number
      readonly rootDispersionMs: number
      /** The server's clock less this machine's, in milliseconds; absent where the answer holds no time. */
      readonly offsetMs?: number
      /** The way there and back without what the server took, in milliseconds. */
      readonly delayMs?: number
    }
  /** Kiss-o'-death (RFC 5905 §7.4): the server gives this client no time, and says why. */
  | { readonly kind: 'kiss'; readonly code: string; readonly means?: string }
  /** NTP that answers another question, or no NTP at all. */
  | { readonly kind: 'not-ours' | 'unreadable'; readonly why: string }
