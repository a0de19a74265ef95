import { parseAddress } from '../../model/cidr.ts'
import type { GateLimits } from '../../model/gate.ts'
import type { Refusal } from '../listened.ts'

/** Counts connections, so that no address takes those of all others. */
export interface Admission {
  /** Takes a place for an address, or says why there is none; what it returns gives the place back, once. */
  enter(address: string): { readonly leave: () => void } | { readonly why: Refusal }
}

export function openAdmission({
  connections,
  connectionsPerAddress,
}: Pick<GateLimits, 'connections' | 'connectionsPerAddress'>): Admission {
  // No larger than the number of connections.
  const bySource = new Map<string, number>()
  let all = 0
  return {
    enter(address) {
      if (all >= connections) return { why: 'too-many-connections' }
      const source = sourceOf(address)
      const taken = bySource.get(source) ?? 0
      if (taken >= connectionsPerAddress) return { why: 'too-many-of-address' }
      all += 1
      bySource.set(source, taken + 1)
      let isIn = true
      return {
        leave() {
          if (!isIn) return
          isIn = false
          all -= 1
          const left = (bySource.get(source) ?? 1) - 1
          if (left === 0) bySource.delete(source)
          else bySource.set(source, left)
        },
      }
    },
  }
}

/** One IPv4 address, or the /64 of an IPv6 address: whoever has one has all of it (RFC 4291 §2.5.1). */
function sourceOf(text: string): string {
  const address = parseAddress(text)
  return address?.family === 6 ? (address.value >> 64n).toString(16) : text
}
