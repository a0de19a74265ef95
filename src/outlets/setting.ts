/** Settings of outlets as data: the schema of the site file and the page of the reference are derived from them. */

/** How a text is written: each form has its reader in `config`. */
export type TextForm = 'host' | 'url' | 'mail-address' | 'file' | 'word'

interface Described {
  /** What it is for: a sentence. */
  readonly what: string
}

export type Setting =
  | (Described & {
      readonly kind: 'count'
      readonly unit: string
      readonly least: number
      readonly most: number
      readonly usual: number
    })
  | (Described & { readonly kind: 'choice'; readonly words: readonly string[]; readonly usual: string })
  | (Described & { readonly kind: 'flag'; readonly usual: boolean })
  | (Described & {
      readonly kind: 'text'
      readonly form: TextForm
      readonly example: string
      /** What it is where it is left out; without one it has to be given, unless it is optional. */
      readonly usual?: string
      readonly isOptional?: true
    })
  | (Described & { readonly kind: 'texts'; readonly form: TextForm; readonly example: readonly string[] })
  /** Where a secret is to be found, `env:NAME` or `file:PATH`: never the secret itself. */
  | (Described & { readonly kind: 'secret'; readonly example: string; readonly isOptional?: true })
  /** Several of them by name; none where it is left out. */
  | (Described & { readonly kind: 'secrets'; readonly example: Readonly<Record<string, string>> })

/** By its key in the site file. */
export type Settings = Readonly<Record<string, Setting>>

type ValueOf<S> = S extends { readonly kind: 'count' }
  ? number
  : S extends { readonly kind: 'flag' }
    ? boolean
    : S extends { readonly kind: 'choice'; readonly words: readonly (infer Word)[] }
      ? Word
      : S extends { readonly kind: 'texts' }
        ? readonly string[]
        : S extends { readonly kind: 'secrets' }
          ? Readonly<Record<string, string>>
          : S extends { readonly isOptional: true }
            ? string | undefined
            : string

/** What an outlet is given of its settings. */
export type SettingsOf<Rows extends Settings> = { readonly [Key in keyof Rows]: ValueOf<Rows[Key]> }

/** Fills in what is usual, and holds each value to its row: what comes here was read by `config`, or by nobody. */
export function readSettings<Rows extends Settings>(
  rows: Rows,
  given: Readonly<Record<string, unknown>>,
): { readonly ok: SettingsOf<Rows> } | { readonly why: string } {
  const strange = Object.keys(given).find((key) => !Object.hasOwn(rows, key))
  if (strange !== undefined) return { why: `there is no setting ${strange.slice(0, 80)}` }
  const values: Record<string, unknown> = {}
  for (const [key, row] of Object.entries(rows)) {
    const value = given[key] ?? usualOf(row)
    if (value === undefined && 'isOptional' in row) continue
    if (!fits(row, value)) return { why: value === undefined ? `${key} is missing` : `${key} is not what it has to be` }
    values[key] = value
  }
  return { ok: values as SettingsOf<Rows> }
}

function usualOf(row: Setting): unknown {
  return row.kind === 'secrets' ? {} : 'usual' in row ? row.usual : undefined
}

function fits(row: Setting, value: unknown): boolean {
  switch (row.kind) {
    case 'count':
      return Number.isInteger(value) && Number(value) >= row.least && Number(value) <= row.most
    case 'choice':
      return typeof value === 'string' && row.words.includes(value)
    case 'flag':
      return typeof value === 'boolean'
    case 'text':
      return typeof value === 'string' && value !== ''
    case 'texts':
      return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
    case 'secret':
      return isReference(value)
    case 'secrets':
      return typeof value === 'object' && value !== null && Object.values(value).every(isReference)
    default:
      return row satisfies never
  }
}

function isReference(value: unknown): boolean {
  return typeof value === 'string' && /^(env|file|store):./.test(value)
}
