import type { Problem } from './problem.ts'
import { shown } from './problem.ts'

interface Described {
  /** What it is for: a sentence. */
  readonly what: string
}

/** What may stand in a query or in a body, as rows: what reads it and what describes it are derived from them. */
export type Parameter =
  /** ISO 8601 in UTC; milliseconds since 1970 for who handles it. */
  | (Described & { readonly kind: 'time' })
  /** A count with its unit, such as `5m`; in milliseconds for who handles it. */
  | (Described & { readonly kind: 'step'; readonly usual: string })
  | (Described & { readonly kind: 'count'; readonly least: number; readonly most: number; readonly usual: number })
  | (Described & { readonly kind: 'choice'; readonly words: readonly string[]; readonly usual?: string })
  /** One or several, separated by commas. */
  | (Described & { readonly kind: 'choices'; readonly words: readonly string[] })
  /** From above 0 to below 1, separated by commas. */
  | (Described & { readonly kind: 'shares'; readonly usual: string; readonly most: number })
  /** Without control characters, but for the ends of lines where it may have several. */
  | (Described & { readonly kind: 'text'; readonly most: number; readonly hasLines?: true })

export type Parameters = Readonly<Record<string, Parameter>>

type WordOf<P> = P extends { readonly words: readonly (infer Word)[] } ? Word : never
type ValueOf<P> = P extends { readonly kind: 'step' | 'count' }
  ? number
  : P extends { readonly kind: 'time' }
    ? number | undefined
    : P extends { readonly kind: 'choice'; readonly usual: string }
      ? WordOf<P>
      : P extends { readonly kind: 'choice' }
        ? WordOf<P> | undefined
        : P extends { readonly kind: 'choices' }
          ? readonly WordOf<P>[] | undefined
          : P extends { readonly kind: 'shares' }
            ? readonly number[]
            : string | undefined

/** Of a query: what is left out is what is usual, or undefined. */
export type QueryOf<Rows extends Parameters> = { readonly [Key in keyof Rows]: ValueOf<Rows[Key]> }
/** Of a body: all of it has to be there. */
export type BodyOf<Rows extends Parameters> = { readonly [Key in keyof Rows]: NonNullable<ValueOf<Rows[Key]>> }

type Read<T> = { readonly ok: T } | Problem

/** Reads a query: every parameter known, none twice, each a value that it may have. */
export function readQuery<Rows extends Parameters>(rows: Rows, query: string): Read<QueryOf<Rows>> {
  const given = new URLSearchParams(query)
  const values: Record<string, unknown> = {}
  for (const [name, text] of given) {
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined
    if (row === undefined) return unknownName('unknown-parameter', name, rows)
    if (Object.hasOwn(values, name)) {
      return { problem: 'bad-parameter', parameter: name, detail: `${name} is given twice`, remedy: 'give it once' }
    }
    const read = readValue(row, text)
    if (!('ok' in read)) {
      const detail = `${name} is ${shown(text)}`
      return { problem: 'bad-parameter', parameter: name, detail, remedy: read.right }
    }
    values[name] = read.ok
  }
  for (const [name, row] of Object.entries(rows)) values[name] ??= usualOf(row)
  return { ok: values as QueryOf<Rows> }
}

/** Reads the JSON of a body: an object with each of the members, and no others. */
export function readMembers<Rows extends Parameters>(rows: Rows, text: string): Read<BodyOf<Rows>> {
  const example = `send an object with ${Object.keys(rows).join(', ')}`
  const given = objectIn(text)
  if (given === undefined) return { problem: 'bad-body', detail: 'the body is no JSON object', remedy: example }
  const strange = Object.keys(given).find((name) => !Object.hasOwn(rows, name))
  if (strange !== undefined) return unknownName('bad-body', strange, rows)
  const values: Record<string, unknown> = {}
  for (const [name, row] of Object.entries(rows)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined) {
      return { problem: 'bad-body', parameter: name, detail: `${name} is missing`, remedy: example }
    }
    const read = typeof value === 'string' ? readValue(row, value) : { right: 'give a text' }
    if (!('ok' in read)) {
      const detail = `${name} is ${shown(typeof value === 'string' ? value : JSON.stringify(value))}`
      return { problem: 'bad-body', parameter: name, detail, remedy: read.right }
    }
    values[name] = read.ok
  }
  return { ok: values as BodyOf<Rows> }
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function unknownName(problem: 'unknown-parameter' | 'bad-body', name: string, rows: Parameters): Problem {
  const names = Object.keys(rows)
  const remedy = names.length === 0 ? 'leave it out: there is none' : `there are ${names.join(', ')}`
  return { problem, parameter: name.slice(0, 80), detail: `there is no ${shown(name)} here`, remedy }
}

/** How a time is written, and a step; as regular expressions of JSON Schema too. */
export const timePattern = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?Z$'
export const stepPattern = '^[1-9]\\d{0,5}(s|m|h|d)$'
export const sharesPattern = '^0?\\.\\d{1,6}(,0?\\.\\d{1,6})*$'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function readValue(row: Parameter, text: string): { readonly ok: unknown } | { readonly right: string } {
  switch (row.kind) {
    case 'time': {
      const at = new RegExp(timePattern).test(text) ? Date.parse(text) : Number.NaN
      return at >= 0 ? { ok: at } : { right: 'write a time in UTC, such as 2026-01-31T09:00:00Z' }
    }
    case 'step':
      return new RegExp(stepPattern).test(text)
        ? { ok: Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? 1) }
        : { right: 'write a number and s, m, h or d, such as 5m' }
    case 'count': {
      const { least, most } = row
      const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
      return count >= least && count <= most ? { ok: count } : { right: `write a number from ${least} to ${most}` }
    }
    case 'choice':
      return row.words.includes(text) ? { ok: text } : { right: `it may be ${row.words.join(', ')}` }
    case 'choices': {
      const words = text.split(',')
      const isKnown = words.every((word) => row.words.includes(word))
      return isKnown ? { ok: words } : { right: `it may be several, separated by commas, of ${row.words.join(', ')}` }
    }
    case 'shares': {
      const shares = new RegExp(sharesPattern).test(text) ? text.split(',').map(Number) : []
      const isRight = shares.length > 0 && shares.length <= row.most && shares.every((share) => share > 0)
      return isRight
        ? { ok: shares }
        : { right: `write up to ${row.most} shares above 0 and below 1, such as 0.5,0.95` }
    }
    case 'text': {
      const controls = row.hasLines === true ? /[^\P{Cc}\n\t]/u : /\p{Cc}/u
      return text.trim() !== '' && text.length <= row.most && !controls.test(text)
        ? { ok: text }
        : { right: `write 1 to ${row.most} characters${row.hasLines === true ? '' : ' in one line'}` }
    }
    default:
      return row satisfies never
  }
}

function usualOf(row: Parameter): unknown {
  switch (row.kind) {
    case 'count':
      return row.usual
    case 'step':
    case 'shares': {
      const read = readValue(row, row.usual)
      return 'ok' in read ? read.ok : undefined
    }
    case 'choice':
      return row.usual
    case 'time':
    case 'choices':
    case 'text':
      return undefined
    default:
      return row satisfies never
  }
}
