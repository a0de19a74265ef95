import type { UnreadStatement } from '../source.ts'
import type { Unknown } from '../unknown.ts'

/** Every verdict repeats the doubts of its device: of a thousand of them the first are told, and that there are more. */
const mostDoubts = 20

/** Doubts without repetition, at most {@link mostDoubts} and one that counts the rest. */
export function fewDoubts(doubts: readonly Unknown[]): readonly Unknown[] {
  const distinct = [...new Map(doubts.map((doubt) => [doubt.what, doubt])).values()]
  const rest = distinct.length - mostDoubts
  if (rest <= 1) return distinct
  return [...distinct.slice(0, mostDoubts), { kind: 'other', what: `${rest} more of its kind` }]
}

/** What makes every verdict doubtful when statements were not understood that could be a rule or route about anything. */
export function doubtsOf(unread: readonly UnreadStatement[]): readonly Unknown[] {
  const [first] = unread
  if (first === undefined) return []
  const many = unread.length === 1 ? 'a statement that was' : `${unread.length} statements that were`
  const { file, line } = first.span
  const what = `${many} not understood, the first in ${file}, line ${line} (${first.why.slice(0, 120)})`
  return [{ kind: 'unread', what }]
}
