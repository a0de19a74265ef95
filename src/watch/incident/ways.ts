import type { Suspect } from '../../model/incident.ts'
import { manner } from './causeFamilies.ts'
import type { Trouble } from './trouble.ts'
import { codeOf, isSoft } from './trouble.ts'

/** What a dead router makes of the flows through it: nothing answers, or nobody knows a way. */
const silent: ReadonlySet<string> = new Set(['no-route', 'filtered-silently', 'udp-only-filtered', 'undetermined'])
/** What it makes of flows that need a resolver or a proxy behind it. */
const silentBehind: ReadonlySet<string> = new Set(['resolver-unreachable', 'proxy-dead'])

/** The way to several networks, as one suspect: `10.1.2.0/24 and 10.1.3.0/24`. */
export function wayTo(networks: readonly string[]): Suspect {
  const names = networks.toSorted()
  return { kind: 'destination', name: `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` }
}

/** The suspects that one stands for: each network by itself of {@link wayTo}, else the one. */
export function partsOf(suspect: Suspect): readonly Suspect[] {
  if (suspect.kind !== 'destination') return [suspect]
  const names = suspect.name.split(/, | and /)
  return names.length > 1 && names.every(isNetwork) ? names.map((name) => ({ ...suspect, name })) : [suspect]
}

const isNetwork = (name: string): boolean => /^[\da-f.:]+\/\d+$/.test(name)

function networksOf({ weighed: { suspects } }: Trouble): readonly string[] {
  return suspects.flatMap(({ kind, name }) => (kind === 'destination' && isNetwork(name) ? [name] : []))
}

/** What is taken or left as one, as {@link import('./weigh.ts').weigh} has it. */
interface Unit {
  readonly id: string
  readonly isBlock: boolean
  readonly troubles: readonly Trouble[]
  readonly since: number
  readonly wellAt: number
}

/**
 * What fails of each network into which nothing is heard to come: a network of which anything answers, if only with a refusal,
 * is none of them.
 */
export function silentNetworks<U extends Unit>(units: readonly U[]): ReadonlyMap<string, readonly U[]> {
  const found = new Map<string, U[]>()
  const reached = new Set<string>()
  const dialled = new Set<string>()
  for (const unit of units) {
    const those = unit.troubles.filter((trouble) => manner(codeOf(trouble)) === 'fails' && !isSoft(trouble))
    const names = new Set(those.flatMap(networksOf))
    const isMute = those.every(({ cause }) => silent.has(cause) || silentBehind.has(cause))
    if (!isMute && !unit.isBlock) for (const name of names) reached.add(name)
    // An incident is taken over as a whole, or not at all.
    const isWhole = those.length === unit.troubles.length && those.every((trouble) => networksOf(trouble).length > 0)
    if (!isMute || !isWhole) continue
    for (const trouble of those)
      if (silent.has(trouble.cause)) for (const name of networksOf(trouble)) dialled.add(name)
    for (const name of names) {
      const known = found.get(name)
      if (known === undefined) found.set(name, [unit])
      else known.push(unit)
    }
  }
  return new Map([...found].filter(([name]) => dialled.has(name) && !reached.has(name)))
}

/** A network that fails as a whole. */
export interface Lost<U> {
  readonly name: string
  readonly units: readonly U[]
}

/**
 * Networks that were lost at one moment, two or more of each: none of them was seen well when another had failed for longer
 * than that.
 *
 * @param momentMs milliseconds
 */
export function lostTogether<U extends Unit>(
  networks: readonly Lost<U>[],
  momentMs: number,
): readonly (readonly Lost<U>[])[] {
  const timed = networks.map((network) => ({
    network,
    since: Math.min(...network.units.map(({ since }) => since)),
    wellAt: Math.max(...network.units.map(({ wellAt }) => wellAt)),
  }))
  let rest = timed.toSorted((one, other) => one.since - other.since)
  const found: (readonly Lost<U>[])[] = []
  for (let [first] = rest; first !== undefined; [first] = rest) {
    const latest = first.since + momentMs
    const together = rest.filter(({ wellAt }) => wellAt <= latest)
    if (together.length > 1) found.push(together.map(({ network }) => network))
    rest = rest.slice(1).filter(({ wellAt }) => wellAt > latest)
  }
  return found
}
