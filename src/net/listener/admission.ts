import type { GateLimits } from '../../model/gate.ts'
import { networkOf } from '../../model/networkOf.ts'
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
      const source = networkOf(address)
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
