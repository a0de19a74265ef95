import type { AddressRange } from '../../src/firewall/addresses.ts'
import type { ConnectionState, NumberRange } from '../../src/firewall/ruleset.ts'

/** An address of which it is known, or at least where it lies at most: what a pool of unknown size leaves of one. */
export type ScannedAddress = bigint | readonly AddressRange[]

/** One concrete packet, first of its conversation or the answer to it. */
export interface Packet {
  readonly family: 4 | 6
  readonly source: ScannedAddress
  readonly destination: ScannedAddress
  readonly protocol: number
  /** For protocols without ports both are absent. */
  readonly sourcePort?: number | NumberRange
  readonly destinationPort?: number | NumberRange
  readonly icmp?: { readonly type: number; readonly code: number }
  /** Interface or zone; absent: any of the device's, or one that it does not name. */
  readonly in?: string
  readonly out?: string
  readonly state: ConnectionState
  /** The octet of TCP's flags. */
  readonly flags: number
  readonly name?: string
  readonly request: 'connect' | 'plain'
}

/**
 * Settles what a packet and a rule set leave open: one of `options` numbers from 0, the same whenever the same thing is
 * asked about in one walk.
 */
export type Choose = (about: object, options: number, aspect?: string) => number

/**
 * Every outcome of a walk over all ways to settle what is open in it. What is open is found by walking: a choice that
 * is not met costs nothing.
 *
 * @param most walks at most; beyond it the answer is undefined
 */
export function overAllChoices<T>(walk: (choose: Choose) => T, most = 4096): T[] | undefined {
  const outcomes: T[] = []
  const taken: { options: number; choice: number }[] = []
  for (let walks = 0; walks < most; walks += 1) {
    let met = 0
    const settled = new Map<object, Map<string, number>>()
    outcomes.push(
      walk((about, options, aspect = '') => {
        if (options <= 1) return 0
        const aspects = settled.get(about) ?? new Map<string, number>()
        settled.set(about, aspects)
        const known = aspects.get(aspect)
        if (known !== undefined) return known
        const step = taken[met] ?? { options, choice: 0 }
        if (met === taken.length) taken.push(step)
        met += 1
        aspects.set(aspect, step.choice)
        return step.choice
      }),
    )
    while (taken.length > 0) {
      const last = taken.at(-1)
      if (last === undefined) break
      last.choice += 1
      if (last.choice < last.options) break
      taken.pop()
    }
    if (taken.length === 0) return outcomes
  }
  return undefined
}
