import type { Cloud } from '../model/cloud.ts'
import { clouds } from '../model/cloud.ts'
import type { Feature } from '../model/feature.ts'
import { features } from '../model/feature.ts'
import type { Necessity, Transport } from '../model/flow.ts'
import { necessities } from '../model/flow.ts'
import type { PortRange } from '../model/ports.ts'
import { parsePorts } from '../model/ports.ts'
import type { Role } from '../model/role.ts'
import type { Fact } from '../model/site.ts'
import { facts } from '../model/site.ts'
import type { CodeRow } from './codes.ts'
import { codeRows } from './codes.ts'
import { codesFor } from './codesFor.ts'
import type { FactRow } from './facts.ts'
import { factRows } from './facts.ts'
import type { FeatureRow } from './features.ts'
import { featureRows } from './features.ts'
import type { FlowRow, Pair } from './flowRow.ts'
import { flowRows } from './flows.ts'
import type { FolkloreRow } from './folklore.ts'
import { folkloreRows } from './folklore.ts'
import { hasWord } from './hasWord.ts'
import type { InspectionRule } from './inspection.ts'
import { inspectionForbidden } from './inspection.ts'
import type { NameFeature, NameRow } from './nameRow.ts'
import { nameFeatures } from './nameRow.ts'
import { nameRows } from './names.ts'
import type { NamedEndpoint } from './namesOf.ts'
import { namesOf } from './namesOf.ts'
import { nearest } from './nearest.ts'
import { isHostName, matchesPattern } from './pattern.ts'
import type { RoleRow } from './roles.ts'
import { roleRows } from './roles.ts'
import type { SpokenService } from './serviceWords.ts'
import { serviceWords } from './serviceWords.ts'
import type { UnlistedCode } from './unlistedCode.ts'
import { unlistedCodesIn } from './unlistedCode.ts'

/** One row that uses a port or speaks a service, with the pairs of it that do. */
export interface PortUse {
  readonly row: FlowRow
  readonly pairs: readonly Pair[]
}

/** The rows among those that are needed alike. */
export interface PortGroup {
  readonly necessity: Necessity
  readonly uses: readonly PortUse[]
}

/** One pattern that covers a name, with every list that has it. */
export interface NameUse {
  readonly pattern: string
  readonly rows: readonly NameRow[]
}

/** One thing that the catalog knows by a term. */
export type AnswerPart =
  | {
      readonly kind: 'flow'
      readonly row: FlowRow
      /** Rows that stand in for it. */
      readonly fallbacks: readonly FlowRow[]
      /** The names it speaks to, by cloud; none where the other end is the site's own. */
      readonly names: Readonly<Record<Cloud, readonly NamedEndpoint[]>>
    }
  | { readonly kind: 'codes'; readonly rows: readonly CodeRow[] }
  | { readonly kind: 'unlisted-codes'; readonly codes: readonly UnlistedCode[] }
  | {
      readonly kind: 'service'
      readonly service: SpokenService
      readonly title: string
      /** Most needed first; empty when no row speaks it. */
      readonly groups: readonly PortGroup[]
    }
  | {
      readonly kind: 'port'
      readonly ports: PortRange
      readonly transport?: Transport
      /** Most needed first; empty when no row names the port. */
      readonly groups: readonly PortGroup[]
      /** Over which transport rows name the port, and how many, where none does over the one that was asked for. */
      readonly instead?: { readonly transport: Transport; readonly flows: number }
      /** Rows whose port the site chooses, so that it may be this one. */
      readonly siteChosen: readonly FlowRow[]
      readonly folklore: readonly FolkloreRow[]
    }
  | { readonly kind: 'folklore'; readonly rows: readonly FolkloreRow[] }
  | {
      readonly kind: 'feature'
      readonly feature: Feature
      readonly row: FeatureRow
      readonly flows: readonly FlowRow[]
    }
  | { readonly kind: 'fact'; readonly fact: Fact; readonly row: FactRow; readonly flows: readonly FlowRow[] }
  | {
      readonly kind: 'role'
      readonly role: Role
      readonly row: RoleRow
      readonly opens: readonly FlowRow[]
      readonly accepts: readonly FlowRow[]
    }
  | { readonly kind: 'table'; readonly table: string; readonly flows: readonly FlowRow[] }
  | { readonly kind: 'list'; readonly feature: NameFeature; readonly rows: readonly NameRow[] }
  | {
      readonly kind: 'name'
      readonly name: string
      /** Exact names first; empty when no list covers the name. */
      readonly uses: readonly NameUse[]
      readonly flows: readonly FlowRow[]
      /** Features that have the name and whose TLS must be left alone. */
      readonly inspection: readonly InspectionRule[]
    }

/** Everything that the catalog knows by a term, most telling first; and, when that is nothing, what was perhaps meant. */
export interface Answer {
  readonly term: string
  readonly parts: readonly AnswerPart[]
  readonly suggestions: readonly string[]
}

/**
 * Answers for a flow id, a table, a port (`8443`, `tcp/636`, `port 5671`), a code or a message that carries one, a
 * feature, a fact, a role, a list, a service, a host name or pattern, or something that is said about ports. Letter case does not
 * matter. A term that is several things gets several parts.
 *
 * @param term what somebody typed or pasted, of any length
 */
export function answerFor(term: string): Answer {
  const typed = term.trim()
  const lower = typed.toLowerCase()
  const word = lower.replace(/\s+/g, '-')
  const codes = codesFor(typed)
  const parts: AnswerPart[] = [
    ...flowParts(word),
    ...tableParts(lower),
    ...codeParts(typed, codes),
    ...portParts(lower, codes.length > 0),
    ...vocabularyParts(word),
    ...folkloreParts(lower),
    ...serviceParts(word),
  ]
  parts.push(...nameParts(typed, parts.length > 0))
  const suggestions = parts.length > 0 ? [] : nearest(typed, vocabulary(), 5)
  return { term, parts, suggestions }
}

/** Every word that has an answer of its own. */
function vocabulary(): readonly string[] {
  return [
    ...Object.entries(serviceWords).flatMap(([service, { words }]) => [service, ...words]),
    ...flowRows.map(({ id }) => id),
    ...features,
    ...facts,
    ...Object.keys(roleRows),
    ...nameFeatures,
    ...codeRows.map(({ code }) => code),
    ...folkloreRows.flatMap(({ terms }) => terms),
    ...nameRows.map(({ pattern }) => pattern),
  ]
}

function flowParts(word: string): AnswerPart[] {
  return flowRows
    .filter(({ id }) => id === word)
    .map((row) => ({
      kind: 'flow',
      row,
      fallbacks: flowRows.filter(({ fallbackFor }) => fallbackFor === row.id),
      names: {
        worldwide: namesOf(row, 'worldwide'),
        'usgov-gcchigh': namesOf(row, 'usgov-gcchigh'),
        'usgov-dod': namesOf(row, 'usgov-dod'),
        china: namesOf(row, 'china'),
      },
    }))
}

/** `table 6b`, `t6b`, `6b`, `table scim`; a digit alone is a port, and a word that is more than a table is that. */
const tableTerm = /^(?:table (\S+)|t(\d[a-z]?)|(\d[a-z]|[a-z][a-z0-9-]+))$/

function tableParts(lower: string): AnswerPart[] {
  const [, named, numbered, bare] = tableTerm.exec(lower) ?? []
  const table = named ?? numbered ?? (bare !== undefined && vocabularyParts(bare).length === 0 ? bare : undefined)
  const flows = flowRows.filter((row) => row.table === table)
  return table !== undefined && flows.length > 0 ? [{ kind: 'table', table, flows }] : []
}

/** Codes of the table; a text whose codes are in no row is answered by what their family says. */
function codeParts(typed: string, rows: readonly CodeRow[]): AnswerPart[] {
  if (rows.length > 0) return [{ kind: 'codes', rows }]
  const codes = unlistedCodesIn(typed)
  return codes.length > 0 ? [{ kind: 'unlisted-codes', codes }] : []
}

const portTerm = /^(?:(tcp|udp)[/ :]|ports? ?)?(\d{1,5}(?:-\d{1,5})?)(?:\/(tcp|udp))?$/

/** A bare number that is a code is a port as well only where the catalog has something to say of that port. */
function portParts(lower: string, isCode: boolean): AnswerPart[] {
  const match = portTerm.exec(lower)
  const ports = parsePorts(match?.[2] ?? '')?.[0]
  if (match === null || ports === undefined) return []
  const transport = (match[1] ?? match[3]) as 'tcp' | 'udp' | undefined
  const uses = usesOf((pair) => usesPort(pair, ports, transport))
  const folklore = folkloreRows.filter(({ terms }) => terms.includes(match[2] ?? ''))
  if (isCode && uses.length === 0 && folklore.length === 0) return []
  return [
    {
      kind: 'port',
      ports,
      ...(transport !== undefined && { transport }),
      groups: groupsOf(uses),
      ...(transport !== undefined && uses.length === 0 && overOther(ports, transport === 'tcp' ? 'udp' : 'tcp')),
      siteChosen: flowRows.filter((row) =>
        row.pairs.some(({ sitePort }) => sitePort !== undefined && sitePort !== 'any'),
      ),
      folklore,
    },
  ]
}

function overOther(ports: PortRange, transport: Transport): Pick<Extract<AnswerPart, { kind: 'port' }>, 'instead'> {
  const flows = usesOf((pair) => usesPort(pair, ports, transport)).length
  return flows === 0 ? {} : { instead: { transport, flows } }
}

/** The rows with a pair of which something holds, and those pairs. */
function usesOf(holds: (pair: Pair) => boolean): readonly PortUse[] {
  return flowRows.flatMap((row) => {
    const pairs = row.pairs.filter(holds)
    return pairs.length > 0 ? [{ row, pairs }] : []
  })
}

function groupsOf(uses: readonly PortUse[]): readonly PortGroup[] {
  return necessities
    .map((necessity) => ({ necessity, uses: uses.filter(({ row }) => row.necessity === necessity) }))
    .filter((group) => group.uses.length > 0)
}

function usesPort(pair: Pair, ports: PortRange, transport: Transport | undefined): boolean {
  if (transport !== undefined && pair.transport !== transport) return false
  const range = pair.range ?? (pair.port === null ? undefined : { first: pair.port, last: pair.port })
  return range !== undefined && range.first <= ports.last && ports.first <= range.last
}

function vocabularyParts(word: string): AnswerPart[] {
  const parts: AnswerPart[] = []
  for (const feature of features.filter((known) => known === word)) {
    const flows = flowRows.filter((row) => row.condition.features.flat().includes(feature))
    parts.push({ kind: 'feature', feature, row: featureRows[feature], flows })
  }
  for (const fact of facts.filter((known) => known === word)) {
    const flows = flowRows.filter((row) => row.condition.facts.some((asked) => asked.fact === fact))
    parts.push({ kind: 'fact', fact, row: factRows[fact], flows })
  }
  for (const [role, row] of Object.entries(roleRows).filter(([known]) => known === word)) {
    const opens = flowRows.filter(({ from }) => from === role)
    const accepts = flowRows.filter(({ to }) => to === role)
    parts.push({ kind: 'role', role: role as Role, row, opens, accepts })
  }
  for (const feature of nameFeatures.filter((known) => known === word)) {
    parts.push({ kind: 'list', feature, rows: nameRows.filter((row) => row.feature === feature) })
  }
  return parts
}

const spokenServices = Object.keys(serviceWords) as readonly SpokenService[]

function serviceParts(word: string): AnswerPart[] {
  return spokenServices
    .filter((service) => service === word || serviceWords[service].words.includes(word))
    .map((service) => ({
      kind: 'service',
      service,
      title: serviceWords[service].title,
      groups: groupsOf(usesOf((pair) => pair.service === service)),
    }))
}

/** Numbers are answered as ports; words may stand anywhere in a question. */
function folkloreParts(lower: string): AnswerPart[] {
  const rows = folkloreRows.filter(({ terms }) =>
    terms.some((known) => !/^[\d-]+$/.test(known) && hasWord(lower, known)),
  )
  return rows.length > 0 ? [{ kind: 'folklore', rows }] : []
}

/** A name that no list covers is an answer only when the term is nothing else. */
function nameParts(typed: string, answered: boolean): AnswerPart[] {
  const name = nameIn(typed)
  if (name === undefined) return []
  const listed = nameRows.filter((row) => row.pattern.toLowerCase() === name || matchesPattern(row.pattern, name))
  // The customer's own names are templates that fit much: they count only where nothing of Microsoft's does.
  const microsofts = listed.filter((row) => row.only !== 'customer')
  const rows = microsofts.length > 0 ? microsofts : listed
  if (rows.length === 0 && answered) return []
  const uses = [...Map.groupBy(rows, (row) => row.pattern)]
    .map(([pattern, group]) => ({ pattern, rows: group }))
    .sort((a, b) => Number(a.pattern !== name) - Number(b.pattern !== name))
  const lists = new Set(rows.filter((row) => row.scheme !== 'http').map((row) => row.feature))
  return [
    {
      kind: 'name',
      name,
      uses,
      flows: flowRows.filter((row) => speaksTo(row, name)),
      inspection: inspectionForbidden.filter((rule) => lists.has(rule.feature) && (rule.name ?? name) === name),
    },
  ]
}

/** The host of a URL, a host name with a dot and a top-level domain, or a pattern; in lower case. */
function nameIn(typed: string): string | undefined {
  const host = /^[a-z][a-z0-9+.-]{0,15}:\/\/([^/?#\s]{1,260})/i.exec(typed)?.[1] ?? typed
  const name = host
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '')
  if (nameRows.some((row) => row.pattern.toLowerCase() === name)) return name
  return isHostName(name) && /\.[a-z][a-z0-9-]+$/.test(name) ? name : undefined
}

function speaksTo(row: FlowRow, name: string): boolean {
  return clouds.some((cloud) =>
    namesOf(row, cloud).some(({ pattern }) => pattern.toLowerCase() === name || matchesPattern(pattern, name)),
  )
}
