import type { CodeRow } from './codes.ts'
import { codeRows } from './codes.ts'
import { hasWord } from './hasWord.ts'

/**
 * The rows that speak of a code: the code itself in any letter case, its number alone (`50011`, `event 32002`, `407`),
 * or a message that carries one or more codes or the words of one. In the order of the table.
 *
 * @param text what somebody typed or pasted, of any length
 */
export function codesFor(text: string): readonly CodeRow[] {
  const wanted = text.trim().toLowerCase().replace(/\s+/g, ' ')
  if (wanted === '') return []
  const exact = codeRows.filter((row) => codesOf(row).includes(wanted))
  if (exact.length > 0) return exact
  const numbered = signOf(wanted)
  if (numbered !== undefined)
    return codeRows.filter((row) => codesOf(row).some((code) => isSame(numbered, signOf(code))))
  const signs = signsIn(wanted)
  return codeRows.filter((row) =>
    codesOf(row).some((code) => {
      const sign = signOf(code)
      return sign === undefined ? isSpokenOf(code, wanted) : signs.some((seen) => isSame(seen, sign))
    }),
  )
}

/** What a number is counted in; a number that somebody typed alone may be any of them. */
export interface Sign {
  readonly kind: 'aadsts' | 'event' | 'http' | 'openssl' | 'hresult' | 'any'
  readonly number: string
}

const wholeSigns: readonly { readonly kind: Sign['kind']; readonly pattern: RegExp }[] = [
  { kind: 'aadsts', pattern: /^aadsts ?(\d+)$/ },
  { kind: 'event', pattern: /^event(?: ?id)?[ :=#]{0,3}(\d+)$/ },
  { kind: 'http', pattern: /^http ?(\d{3})(?: from proxy)?$/ },
  { kind: 'openssl', pattern: /^openssl verify error (\d+)$/ },
  { kind: 'hresult', pattern: /^(?:hr=|hresult[ :=]{0,3})?(?:0x)?([0-9a-f]{8})$/ },
]

/** A text that is nothing but one code. Eight digits are read as a number before they are read as an HRESULT. */
function signOf(text: string): Sign | undefined {
  const bare = /^#?(\d+)$/.exec(text)
  if (bare) return { kind: 'any', number: bare[1] ?? '' }
  for (const { kind, pattern } of wholeSigns) {
    const match = pattern.exec(text)
    if (match) return { kind, number: match[1] ?? '' }
  }
  return undefined
}

const signsWithin: readonly { readonly kind: Sign['kind']; readonly pattern: RegExp }[] = [
  { kind: 'aadsts', pattern: /aadsts ?(\d+)/g },
  { kind: 'aadsts', pattern: /"error_codes" ?: ?\[ ?(\d+)/g },
  { kind: 'event', pattern: /event(?: ?id)?[ :=#]{0,3}(\d+)/g },
  { kind: 'http', pattern: /(?:\(|http\/1\.[01] |status(?: code)?[ :=]{1,3})(40[37]|502)\b/g },
  { kind: 'openssl', pattern: /verify error:num=(\d+)/g },
  { kind: 'hresult', pattern: /\b(?:0x|hr=)([0-9a-f]{8})\b/g },
]

/** The codes that stand in a text, in lower case, by their family and number. */
export function signsIn(text: string): readonly Sign[] {
  return signsWithin.flatMap(({ kind, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({ kind, number: match[1] ?? '' })),
  )
}

/** The table holds one code by its number alone (81001): such a row answers to any prefix but an event's. */
function isSame(wanted: Sign, known: Sign | undefined): boolean {
  if (known === undefined || wanted.number !== known.number) return false
  if (wanted.kind === 'any') return true
  return wanted.kind === known.kind || (wanted.kind === 'aadsts' && known.kind === 'any')
}

/** The code's words stand in the text, or a good part of them is the text. */
function isSpokenOf(code: string, text: string): boolean {
  return hasWord(text, code) || (text.length >= 12 && text.includes(' ') && hasWord(code, text))
}

function codesOf(row: CodeRow): readonly string[] {
  return [row.code, ...(row.relatedCodes ?? [])].map((code) => code.toLowerCase())
}
