import { nearest } from '../catalog/index.ts'
import type { Remedy } from './configError.ts'
import { quoted, visible } from './quoted.ts'

/** More words than this help nobody in one line. */
export const mostWords = 24

/** A word that is none of a list, with the nearest one, or the list when nothing is near. */
export function unknownWord(title: string, found: string, words: readonly string[]): Remedy {
  return { what: `unknown ${title} ${quoted(found)}`, right: nearestOr(found, words) }
}

/** `did you mean this?`, or the words that are known when none is near. */
export function nearestOr(found: string, words: readonly string[]): string {
  // The beginning of several words means any of them.
  const begun = found === '' ? [] : words.filter((word) => word.startsWith(found))
  const meant = begun.length > 1 && begun.length < 5 ? begun : nearest(found, words, 1)
  if (meant.length > 0) return `did you mean ${visible(meant.join(' or '))}?`
  if (words.length === 0) return 'there is none yet'
  const rest = words.length - mostWords
  return `known: ${visible(words.slice(0, mostWords).join(', '))}${rest > 0 ? ` and ${rest} more` : ''}`
}
