import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedEvent } from '../../model/event.ts'
import { eventKinds } from '../../model/event.ts'
import { listRecordFiles, readFileLines, recordFileName } from './recordFiles.ts'
import { isMarkLine, objectOf } from './recordLine.ts'

/** Milliseconds between two looks for what was added. */
const lookMs = 300

/** A line of the record that tells of an event, or one that does and cannot be read. */
export type EventLine =
  | { readonly event: RecordedEvent; readonly text: string }
  | { readonly unread: { readonly file: string; readonly line: number } }

export interface ReadingOptions {
  /** Number of the file to begin with. */
  readonly from?: number
  /** Goes on with what is added, until the signal aborts. */
  readonly follow?: boolean
  /** Called once, when all that was there has been read. */
  readonly caughtUp?: () => void
  readonly signal: AbortSignal
}

/**
 * Reads the events of a record in the order in which they were written, in a stream. Marks are left out; nothing is verified.
 *
 * @throws the error of the platform where a folder or a file cannot be read
 */
export async function* readEvents(folder: string, options: ReadingOptions): AsyncGenerator<EventLine, void> {
  const { from = 1, follow = false, signal } = options
  let file = from
  let isCaughtUp = false
  let offset = 0
  let line = 0
  for (;;) {
    const files = await listRecordFiles(folder)
    const next = files.find((each) => each >= file)
    if (next !== undefined && next !== file) [file, offset, line] = [next, 0, 0]
    if (next !== undefined) {
      for await (const { octets, ended, offset: at } of readFileLines(join(folder, recordFileName(file)), offset)) {
        if (signal.aborted) return
        // What is not ended is being written, or torn.
        if (!ended) break
        offset = at + octets.length + 1
        line += 1
        if (!isMarkLine(octets)) yield readEvent(octets, { file: recordFileName(file), line })
      }
      const later = files.find((each) => each > file)
      if (later !== undefined) {
        ;[file, offset, line] = [later, 0, 0]
        continue
      }
    }
    if (!isCaughtUp) options.caughtUp?.()
    isCaughtUp = true
    if (!follow || signal.aborted) return
    await sleep(lookMs, undefined, { signal }).catch(() => {})
  }
}

function readEvent(octets: Buffer, place: { readonly file: string; readonly line: number }): EventLine {
  const event = eventOfLine(octets)
  return event === undefined ? { unread: place } : { event, text: octets.toString('utf8') }
}

/** The event of a line, or undefined where it tells of none. */
export function eventOfLine(octets: Buffer): RecordedEvent | undefined {
  const value = objectOf(octets)
  return isEvent(value) ? value : undefined
}

/** Whether the members that every event has are there; what else it has was written by us, or broke the chain. */
function isEvent(value: unknown): value is RecordedEvent {
  if (typeof value !== 'object' || value === null) return false
  const texts = ['activity', 'outcome', 'reason', 'time', 'uid', 'chain']
  const read = (name: string): unknown => Reflect.get(value, name)
  return texts.every((name) => typeof read(name) === 'string') && eventKinds.some((kind) => kind === read('kind'))
}
