import type { Owner } from '../model/cause.ts'
import type { SuspectKind } from '../model/incident.ts'
import type { Measure } from '../model/series.ts'
import type { SearchedSeries, SharedPhase } from './sharedPhase.ts'

/** What is known of a subject, by which those that have something in common are told from the others. */
export interface SubjectFacts {
  readonly subject: string
  /** The host that measures. */
  readonly vantage: string
  /** The host that is asked, or the name outside. */
  readonly destination: string
  readonly isController: boolean
  readonly isCloud: boolean
  /** Whether what answers is a directory: LDAP, global catalog, CLDAP. */
  readonly isDirectory: boolean
  /** The proxy that it goes through. */
  readonly proxy?: string
}

/** Whose doing a pattern is, by who has it and who has not. */
export interface Attribution {
  readonly to:
    | 'vantage'
    | 'proxy'
    | 'cloud'
    | 'controller'
    | 'directory-load'
    | 'inspection'
    | 'destination'
    | 'undetermined'
  readonly suspect: { readonly kind: SuspectKind; readonly name: string } | undefined
  readonly owner: Owner
  /** One sentence: by which comparison it is known. */
  readonly says: string
}

interface Known {
  readonly affected: readonly SubjectFacts[]
  readonly others: readonly SubjectFacts[]
  /** Measures of the affected that show it. */
  readonly measures: ReadonlySet<Measure>
  /** Measures of the affected that were searched, and do not. */
  readonly quiet: ReadonlySet<Measure>
}

/** So many subjects have to agree before they speak for more than themselves. */
const several = 2
/** And so many of those that could have it must: one may be missed in noise. */
const nearlyAll = 0.8

/**
 * Whose doing a shared phase is. All that a vantage sees is the vantage or its way out; one controller alone is that one;
 * cloud names alone are the proxy or the cloud; in the TLS handshake and not in the connection is inspection, or a list of
 * revocation that is fetched; in the directory's answers and not in the connection is load of the directory.
 *
 * @param facts of every subject that was searched; those without the pattern are what it is known by
 */
export function attribute(
  shared: SharedPhase,
  searched: readonly SearchedSeries[],
  facts: readonly SubjectFacts[],
): Attribution {
  const members = new Set(shared.members.map(({ subject }) => subject))
  const looked = new Set(searched.map(({ subject }) => subject))
  const measures = new Set(shared.members.map(({ measure }) => measure))
  const quiet = new Set(
    searched
      .filter(({ subject, measure }) => members.has(subject) && !measures.has(measure))
      .map(({ measure }) => measure),
  )
  const known: Known = {
    affected: facts.filter(({ subject }) => members.has(subject)),
    others: facts.filter(({ subject }) => looked.has(subject) && !members.has(subject)),
    measures,
    quiet,
  }
  for (const rule of rules) {
    const attribution = rule(known)
    if (attribution !== undefined) return attribution
  }
  return {
    to: 'undetermined',
    suspect: undefined,
    owner: 'network',
    says: `${countOf(known.affected.length, 'series')} share the phase, and have nothing in common that ${countOf(known.others.length, 'other')} lack`,
  }
}

type AttributionRule = (known: Known) => Attribution | undefined

/** Asked in this order: what lies nearest to the one who measures explains most. */
const rules: readonly AttributionRule[] = [
  byVantage,
  byProxy,
  byHandshake,
  byDirectory,
  byController,
  byCloud,
  byDestination,
]

function byVantage({ affected, others }: Known): Attribution | undefined {
  const vantage = onlyOne(affected.map((one) => one.vantage))
  if (vantage === undefined) return undefined
  const quiet = others.filter((one) => one.vantage === vantage)
  const places = new Set(affected.map(({ destination }) => destination))
  if (places.size < several + 1 || !isNearlyAll(affected.length, quiet.length)) return undefined
  // Cloud names alone, or one proxy's, say more when they are all that this vantage asks.
  if (quiet.length === 0 && (affected.every(({ isCloud }) => isCloud) || onlyOne(affected.map(({ proxy }) => proxy))))
    return undefined
  const elsewhere = others.some((one) => one.vantage !== vantage)
  return {
    to: 'vantage',
    suspect: { kind: 'vantage', name: vantage },
    owner: 'host',
    says: `${affected.length} of ${affected.length + quiet.length} targets that ${vantage} looks at share the phase${elsewhere ? ', and those of other vantages do not' : ''}: ${vantage} itself, or its way out`,
  }
}

function byProxy({ affected, others }: Known): Attribution | undefined {
  const proxy = onlyOne(affected.map((one) => one.proxy))
  if (proxy === undefined || affected.length < several) return undefined
  const same = others.filter((one) => one.proxy === proxy)
  const around = others.filter((one) => one.proxy !== proxy)
  if (!isNearlyAll(affected.length, same.length) || around.length === 0) return undefined
  return {
    to: 'proxy',
    suspect: { kind: 'proxy', name: proxy },
    owner: 'proxy',
    says: `what goes through ${proxy} shares the phase (${affected.length} of ${affected.length + same.length}), and ${countOf(around.length, 'series')} that do not go through it are even`,
  }
}

function byHandshake({ affected, measures, quiet }: Known): Attribution | undefined {
  if (!measures.has('tls-ms') || !quiet.has('connect-ms') || measures.has('connect-ms')) return undefined
  return {
    to: 'inspection',
    suspect: suspectOf(affected),
    owner: 'proxy',
    says: 'TLS handshakes share the phase and connections of the same targets are even: what inspects TLS, or a revocation list that is fetched anew',
  }
}

function byDirectory({ affected, measures, quiet }: Known): Attribution | undefined {
  if (affected.length === 0 || !affected.every(({ isDirectory }) => isDirectory)) return undefined
  if (!quiet.has('connect-ms') || measures.has('connect-ms')) return undefined
  return {
    to: 'directory-load',
    suspect: suspectOf(affected),
    owner: 'directory',
    says: `answers of the directory share the phase and connections to ${placesOf(affected)} are even: load of the directory, not the path`,
  }
}

function byController({ affected, others }: Known): Attribution | undefined {
  const destination = onlyOne(affected.map((one) => one.destination))
  if (destination === undefined || !affected.every(({ isController }) => isController)) return undefined
  const even = new Set(
    others.filter((one) => one.isController && one.destination !== destination).map((one) => one.destination),
  )
  if (even.size === 0) return undefined
  return {
    to: 'controller',
    suspect: { kind: 'destination', name: destination },
    owner: 'directory',
    says: `${destination} alone has it, and ${countOf(even.size, 'other controller')} ${even.size === 1 ? 'is' : 'are'} even`,
  }
}

function byCloud({ affected, others }: Known): Attribution | undefined {
  const places = new Set(affected.map(({ destination }) => destination))
  if (places.size < several || !affected.every(({ isCloud }) => isCloud)) return undefined
  const quietCloud = others.filter(({ isCloud }) => isCloud)
  const inside = others.filter(({ isCloud }) => !isCloud)
  if (inside.length === 0 || !isNearlyAll(affected.length, quietCloud.length)) return undefined
  const proxy = onlyOne(affected.map((one) => one.proxy))
  return {
    to: 'cloud',
    suspect: proxy === undefined ? undefined : { kind: 'proxy', name: proxy },
    owner: proxy === undefined ? 'network' : 'proxy',
    says: `cloud names alone share the phase (${affected.length} of ${affected.length + quietCloud.length}), and ${countOf(inside.length, 'series')} inside are even: ${proxy ?? 'the way out'}, or the cloud`,
  }
}

function byDestination({ affected, others }: Known): Attribution | undefined {
  const destination = onlyOne(affected.map((one) => one.destination))
  if (destination === undefined) return undefined
  const even = new Set(others.map((one) => one.destination))
  even.delete(destination)
  if (even.size === 0) return undefined
  return {
    to: 'destination',
    suspect: { kind: 'destination', name: destination },
    owner: affected.every(({ isCloud }) => isCloud) ? 'cloud' : 'host',
    says: `${destination} alone has it, and ${countOf(even.size, 'other target')} ${even.size === 1 ? 'is' : 'are'} even`,
  }
}

function isNearlyAll(affected: number, quiet: number): boolean {
  return affected / (affected + quiet) >= nearlyAll
}

/** The one value that all have; undefined where there are several, or one has none. */
function onlyOne(values: readonly (string | undefined)[]): string | undefined {
  const [first] = values
  return values.every((value) => value === first) ? first : undefined
}

function suspectOf(affected: readonly SubjectFacts[]): Attribution['suspect'] {
  const destination = onlyOne(affected.map((one) => one.destination))
  if (destination !== undefined) return { kind: 'destination', name: destination }
  const proxy = onlyOne(affected.map((one) => one.proxy))
  return proxy === undefined ? undefined : { kind: 'proxy', name: proxy }
}

function placesOf(affected: readonly SubjectFacts[]): string {
  const places = [...new Set(affected.map(({ destination }) => destination))]
  return places.length > 3 ? `${places.length} of them` : places.join(', ')
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 || what === 'series' ? '' : 's'}`
}
