import type { AnswerPart, CodeRow, NameFeature } from '../../catalog/index.ts'
import {
  answerFor,
  catalogAsOf,
  codeRows,
  flowRows,
  meantBy,
  nameFeatures,
  nearest,
  nearInMeaning,
  roleRows,
  serviceWords,
} from '../../catalog/index.ts'
import type { FindingCode } from '../../check/findingRows.ts'
import { findingRows } from '../../check/findingRows.ts'
import type { CauseRow } from '../../diagnose/causes.ts'
import { causeRows } from '../../diagnose/causes.ts'
import type { AuditFindingCode } from '../../firewall/findingRows.ts'
import { auditFindingRows } from '../../firewall/findingRows.ts'
import type { CauseCode, CauseLayer } from '../../model/cause.ts'
import { causeCodes, causesByLayer } from '../../model/cause.ts'
import type { Feature } from '../../model/feature.ts'
import { features } from '../../model/feature.ts'
import type { FindingRow } from '../../model/finding.ts'
import type { Fact } from '../../model/site.ts'
import { facts } from '../../model/site.ts'
import type { EventReason } from '../eventReasons.ts'
import { verbs } from '../verbs/index.ts'
import { causeOfCode } from './explainCauseOfCode.ts'
import type { WordRow } from './reportWords.ts'
import { reportWords } from './reportWords.ts'

/** The documented answer of `postern explain`: what `--json` prints. */
export interface ExplainReport {
  readonly postern: string
  readonly kind: 'explain'
  /** What was asked, as it was typed; empty when the index was. */
  readonly term: string
  readonly catalog: { readonly asOf: string }
  /** Everything that is known by the term, one part or more, most telling first. */
  readonly parts: readonly ExplainPart[]
}

/** One thing that is known by a term: what the catalog answers, with what the diagnosis knows besides. */
export type ExplainPart =
  | Exclude<AnswerPart, { kind: 'codes' }>
  | { readonly kind: 'codes'; readonly rows: readonly ExplainedCode[] }
  | ExplainedCause
  | { readonly kind: 'layer'; readonly layer: CauseLayer; readonly causes: readonly ExplainedCause[] }
  | ({ readonly kind: 'finding'; readonly code: FindingCode | AuditFindingCode } & FindingRow)
  | { readonly kind: 'sign'; readonly sign: string; readonly causes: readonly ExplainedCause[] }
  | {
      readonly kind: 'verb'
      readonly verb: string
      readonly summary: string
      readonly usage: string
      /** True of a verb that this version does not have yet. */
      readonly planned: boolean
      readonly options: readonly string[]
      readonly examples: readonly { readonly command: string; readonly says: string }[]
      readonly reference: string
    }
  | {
      readonly kind: 'option'
      readonly option: string
      /** Each sense that it has, with the verbs that take it so. */
      readonly uses: readonly { readonly verbs: readonly string[]; readonly flags: string; readonly says: string }[]
      readonly reference: string
    }
  | ExplainedReason
  | ({ readonly kind: 'word'; readonly word: string } & WordRow)
  | ExplainIndex

/** A word that events of the record have as their reason, in each of its senses. */
export interface ExplainedReason {
  readonly kind: 'reason'
  readonly reason: string
  readonly senses: readonly Omit<EventReason, 'reason'>[]
  readonly reference: string
}

export interface ExplainedCode extends CodeRow {
  /** The cause that a code proves; absent where it is one of several that may have led to it. */
  readonly cause?: CauseCode
}

export interface ExplainedCause extends CauseRow {
  readonly kind: 'cause'
  readonly code: CauseCode
  /** The other causes of its layer. */
  readonly neighbours: readonly CauseCode[]
}

/** Every word that has an answer of its own. Ports, host names and messages have one besides. */
export interface ExplainIndex {
  readonly kind: 'index'
  readonly causes: Readonly<Record<CauseLayer | 'none', readonly CauseCode[]>>
  readonly tables: readonly string[]
  readonly flows: readonly string[]
  readonly features: readonly Feature[]
  readonly facts: readonly Fact[]
  readonly roles: readonly string[]
  readonly lists: readonly NameFeature[]
  readonly services: readonly string[]
  readonly codes: readonly string[]
  /** Verbs of the command line; each option has an answer as well. */
  readonly verbs: readonly string[]
  /** Words that the reports are written in. */
  readonly words: readonly string[]
}

/** An answer, or the words that were perhaps meant: nearest first, five at most, perhaps none. */
export type Explained = { readonly ok: ExplainReport } | { readonly suggestions: readonly string[] }

/**
 * Answers for a term: what {@link answerFor} knows, and besides that the causes, their layers, and the names that
 * systems and libraries give to errors (`ECONNREFUSED`). A term that is another name for something is answered by that,
 * several words one by one where they are nothing together. No term asks for the index.
 *
 * @param term what somebody typed or pasted, of any length
 * @param version of Postern, for the report
 * @param given the parts themselves, where there are any, and words that may have been meant besides
 */
export function explainReport(
  term: string,
  version: string,
  given: { readonly parts: readonly ExplainPart[]; readonly words: readonly string[] } = { parts: [], words: [] },
): Explained {
  const parts = term.trim() === '' ? [index()] : given.parts.length > 0 ? given.parts : partsFor(term)
  if (parts.length === 0) {
    const known = [...causeCodes, ...findingCodes, ...layers, ...Object.keys(reportWords), ...given.words]
    const spelled = [...known, ...answerFor(term).suggestions]
    return { suggestions: [...new Set([...nearInMeaning(term), ...nearest(term, spelled, 5)])].slice(0, 5) }
  }
  return { ok: { postern: version, kind: 'explain', term, catalog: { asOf: catalogAsOf }, parts } }
}

/** What is known by the term as a whole, by what it is another name for, or else by the words in it. */
function partsFor(term: string): readonly ExplainPart[] {
  const parts = [term, ...meantBy(term)].flatMap((word) => [...wordParts(word), ...ownParts(word)])
  return parts.length > 0 ? parts : partsOfWords(term)
}

/** Words of a report are asked for by themselves: in a question they are no subject. */
function wordParts(term: string): readonly ExplainPart[] {
  const word = wordOf(term)
  const row = Object.hasOwn(reportWords, word) ? reportWords[word] : undefined
  return row === undefined ? [] : [{ kind: 'word', word, ...row }]
}

function ownParts(term: string): readonly ExplainPart[] {
  return [
    ...causeParts(term),
    ...findingParts(term),
    ...layerParts(term),
    ...signParts(term),
    ...answerFor(term).parts.map(withCauses),
  ]
}

/** More words than these are a text, in which a word by itself says little. */
const mostWords = 8
const longestPhrase = 4

/** Words of a question that are no subject of it, though each is a word of the catalog or a layer as well. */
const fillers = new Set(['any', 'host', 'identity', 'internet', 'name', 'protocol', 'route', 'time', 'transport'])

/** `808/1501`: as people write ports that go together. */
const severalPorts = /^\d{1,5}(?:\/\d{1,5})+$/

/** `kerberos 88`: what is known by each of its words, the longest phrase first; no part twice. */
function partsOfWords(term: string): readonly ExplainPart[] {
  const words = term
    .trim()
    .split(/[\s,;]+/)
    .flatMap((word) => (severalPorts.test(word) ? word.split('/') : [word]))
  if (words.length < 2 || words.length > mostWords) return []
  const found = new Map<string, ExplainPart>()
  let at = 0
  while (at < words.length) {
    const most = Math.min(longestPhrase, words.length - at, words.length - 1)
    const lengths = Array.from({ length: most }, (_, less) => most - less)
    const known = lengths.flatMap((length) => {
      const phrase = words.slice(at, at + length).join(' ')
      if (fillers.has(phrase.toLowerCase())) return []
      const parts = [phrase, ...meantBy(phrase)].flatMap(ownParts).filter(isTelling)
      return parts.length > 0 ? [{ length, parts }] : []
    })
    for (const part of known[0]?.parts ?? []) found.set(JSON.stringify(part), part)
    at += known[0]?.length ?? 1
  }
  return [...found.values()]
}

/** A number or name in a phrase may be anything: it counts where something is known of it. */
function isTelling(part: ExplainPart): boolean {
  if (part.kind === 'port') return part.groups.length > 0 || part.folklore.length > 0
  return part.kind !== 'name' || part.uses.length > 0
}

const layers = Object.keys(causesByLayer) as readonly CauseLayer[]

function explained(code: CauseCode): ExplainedCause {
  const row = causeRows[code]
  const neighbours = causeCodes.filter((other) => other !== code && causeRows[other].layer === row.layer)
  return { kind: 'cause', code, ...row, neighbours }
}

/** The cause that the term is, or those whose hyphenated codes stand in a line that was pasted. */
function causeParts(term: string): readonly ExplainPart[] {
  const words = new Set<string>([wordOf(term), ...(term.toLowerCase().match(/[a-z0-9]+(?:-[a-z0-9]+)+/g) ?? [])])
  return causeCodes.filter((code) => words.has(code)).map(explained)
}

/** What a check and an audit both find is told once. */
const allFindings = { ...auditFindingRows, ...findingRows }
const findingCodes = Object.keys(allFindings) as readonly (keyof typeof allFindings)[]

function findingParts(term: string): readonly ExplainPart[] {
  return findingCodes
    .filter((code) => wordOf(term).includes(code))
    .map((code) => ({ kind: 'finding', code, ...allFindings[code] }))
}

function layerParts(term: string): readonly ExplainPart[] {
  return layers
    .filter((layer) => layer === wordOf(term))
    .map((layer) => ({ kind: 'layer', layer, causes: causesByLayer[layer].map(explained) }))
}

function wordOf(term: string): string {
  return term.trim().toLowerCase().replace(/\s+/g, '-')
}

/** Errno values, and the codes of Node, OpenSSL, Kerberos and Windows, as the rows of the causes write them. */
const signPattern = /\b(?:E[A-Z]{4,}|NXDOMAIN|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/g

function signParts(term: string): readonly ExplainPart[] {
  const signs = new Set(term.toUpperCase().match(signPattern) ?? [])
  return [...signs].flatMap((sign) => {
    const causes = causeCodes.filter((code) => causeRows[code].looksLike.match(signPattern)?.includes(sign))
    return causes.length > 0 ? [{ kind: 'sign', sign, causes: causes.map(explained) }] : []
  })
}

function withCauses(part: AnswerPart): ExplainPart {
  if (part.kind !== 'codes') return part
  return {
    kind: 'codes',
    rows: part.rows.map((row) => {
      const cause = causeOfCode[row.code]
      return { ...row, ...(cause !== undefined && { cause }) }
    }),
  }
}

function index(): ExplainIndex {
  return {
    kind: 'index',
    causes: { ...causesByLayer, none: ['undetermined'] },
    tables: [...new Set(flowRows.map(({ table }) => table))],
    flows: flowRows.map(({ id }) => id),
    features,
    facts,
    roles: Object.keys(roleRows),
    lists: nameFeatures,
    services: Object.keys(serviceWords),
    codes: codeRows.map(({ code }) => code),
    verbs: verbs.map(({ name }) => name),
    words: Object.keys(reportWords),
  }
}
