import type { Cloud } from '../model/cloud.ts'
import type { FlowRow, Pair } from './flowRow.ts'
import type { NameFeature, NameRow } from './nameRow.ts'
import { nameRows } from './names.ts'
import { isMeantBy, parsePattern } from './pattern.ts'

/** One name of a row in one cloud, cut to the ports that the row speaks on. */
export interface NamedEndpoint {
  /** As Microsoft writes it: see `parsePattern`. */
  readonly pattern: string
  readonly ports: readonly number[]
  /** False where the list calls the name optional. */
  readonly required: boolean
  readonly source: string
  /** ISO 8601 date of the source. */
  readonly asOf: string
}

/**
 * The names that a row speaks to in one cloud: for the worldwide cloud those of the row itself and then those of its
 * list, for the others those of the list, which is all that Microsoft publishes there. Each pattern comes once, in a
 * stable order; whether it is required the list decides where it has the name.
 */
export function namesOf(row: FlowRow, cloud: Cloud): readonly NamedEndpoint[] {
  const ports = row.pairs.flatMap(({ port }) => (port === null ? [] : [port]))
  const found = new Map<string, NamedEndpoint>()
  if (cloud === 'worldwide') {
    for (const pattern of row.endpoints) {
      found.set(pattern, { pattern, ports: unique(ports), required: true, source: row.source, asOf: row.asOf })
    }
  }
  for (const listed of listedNames(row, cloud)) {
    const shared = listed.ports.filter((port) => row.pairs.some((pair) => speaks(pair, port, listed.scheme)))
    if (shared.length === 0) continue
    const known = found.get(listed.pattern)
    found.set(listed.pattern, {
      pattern: listed.pattern,
      ports: unique([...(known?.ports ?? []), ...shared]),
      required: listed.required,
      source: known?.source ?? listed.source,
      asOf: known?.asOf ?? listed.asOf,
    })
  }
  return [...found.values()]
}

/**
 * A host name that Microsoft documents under a wildcard, to try the wildcard by: an exact name of the same cloud's
 * lists on the same port, one of the row's own list before others, the first by the alphabet.
 *
 * @param feature the list of the row that asks, when it has one
 * @returns undefined when no list has a name under the pattern on that port
 */
export function documentedNameFor(
  pattern: string,
  cloud: Cloud,
  port: number,
  feature?: NameFeature,
): string | undefined {
  const documented = documentedUnder(pattern, cloud).filter(({ row }) => row.ports.includes(port))
  const own = documented.filter(({ row }) => row.feature === feature)
  return (own.length > 0 ? own : documented)
    .map(({ name }) => name)
    .sort()
    .at(0)
}

/** The ports on which a cloud's lists have a host name under a wildcard, in their order; none when they have no such name. */
export function documentedPortsOf(pattern: string, cloud: Cloud): readonly number[] {
  return unique(documentedUnder(pattern, cloud).flatMap(({ row }) => row.ports)).toSorted((a, b) => a - b)
}

function documentedUnder(pattern: string, cloud: Cloud): typeof exactNames {
  const wanted = parsePattern(pattern)
  return exactNames.filter(({ row, name }) => row.clouds.includes(cloud) && isMeantBy(wanted, name))
}

/** The rows that name one host, with its name. */
const exactNames = nameRows.flatMap((row) => {
  const parsed = parsePattern(row.pattern)
  return parsed.kind === 'exact' ? [{ row, name: parsed.name }] : []
})

function listedNames(row: FlowRow, cloud: Cloud): readonly NameRow[] {
  return nameRows.filter(
    ({ feature, part, clouds }) =>
      feature === row.names && clouds.includes(cloud) && (row.namesPart === undefined || part === row.namesPart),
  )
}

/** A list that says https on 80 and 443 means sign-in pages, not the revocation lists that are fetched on 80. */
function speaks(pair: Pair, port: number, scheme: NameRow['scheme']): boolean {
  if (pair.port !== port) return false
  return pair.service === scheme || (pair.service === 'tls' && scheme === 'https')
}

function unique(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)]
}
