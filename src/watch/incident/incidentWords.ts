import { causeRows } from '../../diagnose/index.ts'
import { duration } from '../../diagnose/wording.ts'
import type { CauseCode, Owner } from '../../model/cause.ts'
import { causeCodes } from '../../model/cause.ts'
import type { Incident, Suspect, SuspectKind } from '../../model/incident.ts'
import { internet } from './suspects.ts'
import type { Trouble } from './trouble.ts'
import { isLive } from './trouble.ts'
import { hostsAmong } from './weigh.ts'

export type Described = Pick<Incident, 'cause' | 'confidence' | 'owner' | 'says'> &
  Pick<Partial<Incident>, 'fix' | 'finding'>

interface Words {
  readonly owner: Owner
  /** What is so, behind `5 flows fail: `. */
  readonly says: (name: string) => string
  readonly fix: (name: string) => string
}

/** How those are spoken of that are found by what failures have in common. What a failure says of itself goes before. */
const words: Readonly<Partial<Record<SuspectKind, Words>>> = Object.freeze({
  host: {
    owner: 'host',
    says: (name) => `all that is watched of ${name} and was asked since`,
    fix: (name) => `bring ${name} up, or mend the way to it`,
  },
  address: {
    owner: 'host',
    says: (address) => `whatever is sent to ${address}`,
    fix: (address) => `take ${address} out of the name or the load balancer until its machine is well`,
  },
  proxy: {
    owner: 'proxy',
    says: (name) => `whatever goes through the proxy ${name}`,
    fix: (name) => `look at the proxy ${name}, its own name servers and its own way out`,
  },
  resolver: {
    owner: 'dns',
    says: (name) => `whatever asks the resolver ${name} for its name`,
    fix: (name) => `start the DNS service at ${name}, or allow udp and tcp 53 to it`,
  },
  name: {
    owner: 'dns',
    says: (name) => `whatever needs the name ${name}`,
    fix: (name) => `mend the record of ${name} in its zone`,
  },
  certificate: {
    owner: 'pki',
    says: (name) => `whatever is shown a certificate of ${name}`,
    fix: (name) => `have the certificate of ${name} renewed, with its whole chain`,
  },
  gateway: {
    owner: 'network',
    says: (name) => `whatever lies behind ${name}, where packets stop`,
    fix: (name) => `look at ${name}, at the link behind it and at its routes`,
  },
  destination: {
    owner: 'network',
    says: (name) => (name === internet ? 'everything outside of the site' : `every watched host of ${name}`),
    fix: (name) =>
      name === internet
        ? 'look at the way out: the line, its router, its firewall'
        : `look at the router or the link before ${name}; for a cloud service also at its status page`,
  },
  port: {
    owner: 'firewall',
    says: (name) => `${name} on every host that it is asked of, while other ports there answer`,
    fix: (name) => `look for the rule that speaks of ${name}`,
  },
  vantage: {
    owner: 'host',
    says: (name) => `everything from ${name}`,
    fix: (name) => `look at ${name} itself: its interface, its address, its default route`,
  },
})

/**
 * What is said of an incident: by a failure itself where it names whom the incident blames, or stands alone; else by what
 * all of them have in common.
 *
 * @param suffered all that failed of it since it was opened; of what fails no more with the time when that was over
 * @param openedAt milliseconds since 1970
 */
export function describe(
  suspect: Suspect,
  suffered: readonly Trouble[],
  alternatives: readonly Suspect[],
  openedAt: number,
): Described | undefined {
  const live = suffered.filter(isLive)
  const failing = live.length > 0 ? live : suffered
  const naming = failing.filter(({ weighed: { named } }) => named?.kind === suspect.kind && named.name === suspect.name)
  const telling = naming.length > 0 ? naming : failing
  const cause = mostFrequent(telling)
  const spokesman = telling.find((trouble) => trouble.cause === cause)
  if (spokesman === undefined) return undefined
  const row = suffered.length === 1 || naming.length > 0 ? undefined : words[suspect.kind]
  const { finding, weighed } = spokesman
  const codes = finding === undefined ? { cause } : { cause, finding }
  if (row === undefined) {
    const fix = fixOf(telling) ?? (finding === undefined && cause !== 'undetermined' ? causeRows[cause].fix : undefined)
    const said = {
      ...codes,
      confidence: weighed.confidence,
      owner: weighed.owner,
      says: ownWords(spokesman, suffered, openedAt),
    }
    return fix === undefined ? said : { ...said, fix }
  }
  return {
    ...codes,
    confidence: alternatives.length === 0 ? 'likely' : 'possible',
    owner: row.owner,
    says: `${commonWords(row.says(suspect.name), suffered, openedAt)}; ${spokesman.title}: ${spokesman.says}`,
    fix: row.fix(suspect.name),
  }
}

/** What the one that speaks for all says, and how many there are. */
function ownWords({ says }: Trouble, suffered: readonly Trouble[], openedAt: number): string {
  const [all, still] = [suffered.length, suffered.filter(isLive).length]
  if (still === 0) return `was: ${says}; ${all === 1 ? '' : `${concerned(suffered)}, `}${overAfter(suffered, openedAt)}`
  const more = all === 1 ? '' : `; ${countOf(all, 'failure')} in all`
  return `${says}${more}${stillWords(all, still)}`
}

/** What all of them have in common, and how many there are. */
function commonWords(what: string, suffered: readonly Trouble[], openedAt: number): string {
  const [all, still] = [suffered.length, suffered.filter(isLive).length]
  if (still === 0) return `was: ${what} failed; ${concerned(suffered)}, ${overAfter(suffered, openedAt)}`
  return `${what} ${still === all ? 'fails' : 'failed'}: ${flowsAmong(suffered)}${stillWords(all, still)}`
}

function stillWords(all: number, still: number): string {
  return still === all ? '' : `, ${still} of them still ${still === 1 ? 'fails' : 'fail'}`
}

function concerned(suffered: readonly Trouble[]): string {
  return `${flowsAmong(suffered)} ${suffered.length === 1 ? 'was' : 'were'} concerned`
}

/** `9 flows at 3 hosts`. */
function flowsAmong(suffered: readonly Trouble[]): string {
  const hosts = hostsAmong(suffered).size
  return `${countOf(suffered.length, 'flow')}${hosts === 1 ? '' : ` at ${hosts} hosts`}`
}

/** From the first look that failed until the last of them was well; what came and went meanwhile is one. */
function overAfter(suffered: readonly Trouble[], openedAt: number): string {
  const since = suffered.reduce((least, { weighed }) => Math.min(least, weighed.since), openedAt)
  const until = suffered.reduce((most, one) => Math.max(most, one.until ?? most), since)
  return `over after ${duration(until - since)}`
}

/** So many are told one after the other. */
const mostFixes = 3

/** What each of them says that would mend it, each once: two ports want two rules. */
function fixOf(failing: readonly Trouble[]): string | undefined {
  const fixes = [...new Set(failing.flatMap(({ weighed: { fix } }) => fix ?? []))]
  if (fixes.length === 0) return undefined
  const more = fixes.length > mostFixes ? [`and ${fixes.length - mostFixes} more like these`] : []
  return [...fixes.slice(0, mostFixes), ...more].join('; ')
}

function countOf(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

/** Of several that are as frequent the one of the lowest layer: it makes the others. */
function mostFrequent(failing: readonly Trouble[]): CauseCode {
  const counts = new Map<CauseCode, number>()
  for (const { cause } of failing) counts.set(cause, (counts.get(cause) ?? 0) + 1)
  const [most] = [...counts].toSorted(
    ([one, often], [other, oftener]) => oftener - often || causeCodes.indexOf(one) - causeCodes.indexOf(other),
  )
  return most?.[0] ?? 'undetermined'
}
