import type { HistoryStore, Spooled } from '../store/history/historyStore.ts'

/** Something that an outlet would not take. */
export interface RefusedThing {
  /** Of the outlet's queue. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly says: string
  /** As it waited in the spool. */
  readonly body: string
}

interface Kept {
  /** Of all, also of those that are no longer kept. */
  readonly count: number
  readonly newest: readonly RefusedThing[]
}

type Words = Pick<HistoryStore, 'word' | 'keepWord'>

/** The newest so many of an outlet are kept, as far as their bodies fit. */
const mostKept = 100
const mostCharacters = 1_048_576

const wordOf = (outlet: string): string => `outlet-refused:${outlet}`

/** What an outlet refused, oldest first, and how many that ever were. */
export function refusedBy(words: Pick<HistoryStore, 'word'>, outlet: string): Kept {
  try {
    return JSON.parse(words.word(wordOf(outlet)) ?? '') as Kept
  } catch {
    return { count: 0, newest: [] }
  }
}

/** Keeps what was refused, with the reason. Done twice with the same number it is kept once. */
export async function setAside(words: Words, outlet: string, row: Spooled, says: string, now: number): Promise<void> {
  const { count, newest } = refusedBy(words, outlet)
  if (newest.some(({ number }) => number === row.number)) return
  const thing = { number: row.number, at: now, says, body: row.body }
  await words.keepWord(wordOf(outlet), JSON.stringify({ count: count + 1, newest: fitting([...newest, thing]) }))
}

function fitting(things: readonly RefusedThing[]): readonly RefusedThing[] {
  let left = mostCharacters
  const kept = things.toReversed().filter(({ body }, at) => {
    left -= body.length
    return at < mostKept && (left >= 0 || at === 0)
  })
  return kept.toReversed()
}

/** Puts what was refused into the queue again; how many things that were. */
export async function takeBack(
  words: Words & Pick<HistoryStore, 'spool'>,
  outlet: string,
  now: number,
): Promise<number> {
  const before = refusedBy(words, outlet)
  const taken = new Set(before.newest.map(({ number }) => number))
  if (taken.size === 0) return 0
  for (const { body } of before.newest) await words.spool(outlet, body, now)
  // Something may have been refused meanwhile.
  const after = refusedBy(words, outlet)
  const left = { count: after.count - before.count, newest: after.newest.filter(({ number }) => !taken.has(number)) }
  await words.keepWord(wordOf(outlet), JSON.stringify(left))
  return taken.size
}
