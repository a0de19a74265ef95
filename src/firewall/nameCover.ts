import type { NameCover, NamePattern } from './namePattern.ts'

/**
 * Whether a pattern of a rule covers a name that is asked for. The name may be a pattern of Microsoft's: a star stands
 * for one character or more, dots among them, so that `*.msappproxy.net` is every name below. Case and a trailing dot
 * do not count (RFC 4343, RFC 1034 §3.1).
 *
 * @returns `all`: every name that is asked for; `some`: there are names on both sides
 */
export function coverOf(pattern: NamePattern, asked: string): NameCover {
  const name = asked.toLowerCase().replace(/\.$/, '')
  if (pattern.covers === 'any') return 'all'
  const globs = globsOf(pattern)
  if (!name.includes('*')) return globs.some((glob) => fits(glob, name)) ? 'all' : 'none'
  // A star of the question is every text. A text of letters that no pattern has is only covered by stars of the pattern,
  // and one longer than the pattern not by its question marks: what covers these covers all.
  const longest = Math.max(...globs.map((glob) => glob.length)) + 1
  const samples = [strange, strange.repeat(2), strange.repeat(longest), `${strange}.${strange}`]
  const isAll = samples.every((sample) => globs.some((glob) => fits(glob, name.replaceAll('*', sample))))
  if (isAll) return 'all'
  return globs.some((glob) => meet(glob, name)) ? 'some' : 'none'
}

/** What several patterns cover together. */
export function coverOfAny(patterns: readonly NamePattern[], asked: string): NameCover {
  let cover: NameCover = 'none'
  for (const pattern of patterns) {
    const one = coverOf(pattern, asked)
    if (one === 'all') return 'all'
    if (one === 'some') cover = 'some'
  }
  return cover
}

/** No letter of a name (RFC 1123 §2.1), and so of no pattern. */
const strange = '\u{1}'
/** A star that does not reach over a dot. */
const oneLabel = '\u{2}'

/** A pattern as texts with `*` (any text), `?` (one character) and {@link oneLabel}. */
function globsOf({ text, name, covers }: NamePattern): readonly string[] {
  switch (covers) {
    case 'exactly':
      return [name]
    case 'at-or-below':
      return [name, `?*.${name}`]
    case 'below':
      return [`?*.${name}`]
    case 'one-label-below':
      return [`${oneLabel}.${name}`]
    case 'glob':
      return [text.toLowerCase().replace(/\.$/, '')]
    case 'any':
      return ['*']
    default:
      return covers satisfies never
  }
}

/** Whether a text fits a glob; time is the product of the lengths. */
function fits(glob: string, text: string): boolean {
  let reached = startOf(glob)
  for (const letter of text) reached = after(glob, reached, letter)
  return reached[glob.length] === true
}

/** Whether some text fits both globs: of the second only `*` is special, and stands for one character or more. */
function meet(glob: string, asked: string): boolean {
  let reached = startOf(glob)
  for (const letter of asked) {
    if (letter !== '*') {
      reached = after(glob, reached, letter)
      continue
    }
    // One character at least, then as many as lead to new places: no more than the glob is long.
    let next = afterAny(glob, reached)
    for (let i = 0; i < glob.length; i += 1) {
      const more = afterAny(glob, next)
      next = next.map((is, at) => is || more[at] === true)
    }
    reached = next
  }
  return reached[glob.length] === true
}

/** Places of a glob at which nothing was read: the first, and what stars before it can leave out. */
function startOf(glob: string): boolean[] {
  const reached = Array<boolean>(glob.length + 1).fill(false)
  reached[0] = true
  return pastStars(glob, reached)
}

function after(glob: string, reached: readonly boolean[], letter: string): boolean[] {
  return step(
    glob,
    reached,
    (sign) => sign === letter || sign === '?' || sign === '*' || (sign === oneLabel && letter !== '.'),
  )
}

function afterAny(glob: string, reached: readonly boolean[]): boolean[] {
  return step(glob, reached, () => true)
}

function step(glob: string, reached: readonly boolean[], reads: (sign: string) => boolean): boolean[] {
  const next = Array<boolean>(glob.length + 1).fill(false)
  for (let at = 0; at < glob.length; at += 1) {
    const sign = glob[at] as string
    if (reached[at] !== true || !reads(sign)) continue
    next[at + 1] = true
    if (sign === '*' || sign === oneLabel) next[at] = true
  }
  return pastStars(glob, next)
}

function pastStars(glob: string, reached: boolean[]): boolean[] {
  for (let at = 0; at < glob.length; at += 1) if (reached[at] === true && glob[at] === '*') reached[at + 1] = true
  return reached
}
