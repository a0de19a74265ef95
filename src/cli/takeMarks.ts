import type { Mark } from '../model/sample.ts'
import type { HistoryStore } from '../store/history/index.ts'
import { waitingMarks } from '../store/marks/markInbox.ts'
import { pause as pauseByClock } from './pause.ts'

export interface MarkTaking {
  /** Told of each once it is in the history. */
  readonly onMark: (mark: Mark) => void
  readonly signal: AbortSignal
  /** Resolves after so many milliseconds, or at once when it is aborted. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

const everyMs = 1000

/**
 * Takes marks that other processes left, until the signal aborts. One for which the history cannot be read or written now stays where it is, and
 * is taken later.
 */
export async function takeMarks(
  folder: string,
  store: Pick<HistoryStore, 'marks' | 'write'>,
  { onMark, signal, pause = pauseByClock }: MarkTaking,
): Promise<void> {
  while (!signal.aborted) {
    for (const { mark, remove } of waitingMarks(folder)) {
      const { at, kind, name } = mark
      let isKept = false
      try {
        // Taken before, by a process that was ended before it could remove it.
        isKept = store.marks({ from: at, to: at + 1 }).some((one) => one.kind === kind && one.name === name)
        if (!isKept) await store.write({ marks: [mark] })
      } catch {
        break
      }
      remove()
      if (!isKept) onMark(mark)
    }
    await pause(everyMs, signal)
  }
}
