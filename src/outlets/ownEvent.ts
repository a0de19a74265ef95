import { createHash } from 'node:crypto'
import type { GateEvent, RecordedEvent } from '../model/event.ts'

/** What stands for the chain of an event that is in no record: no line has this one. */
const noChain = '0'.repeat(64)

/**
 * An event that the watcher tells and that is in no record. Its id follows from what it is about, so that what is told again
 * after a sudden end is known as the same.
 *
 * @param at milliseconds since 1970
 * @param key what tells it from every other of this site
 */
export function ownEvent(event: GateEvent, at: number, key: string): RecordedEvent {
  return { ...event, time: new Date(at).toISOString(), uid: uidOf(at, key), chain: noChain }
}

/** An id of version 7 (RFC 9562 §5.7) whose bits that are else random follow from a key. */
export function uidOf(at: number, key: string): string {
  const time = Math.max(0, Math.trunc(at)).toString(16).padStart(12, '0').slice(-12)
  const hashed = createHash('sha256').update(key).digest('hex')
  const variant = ((Number.parseInt(hashed.slice(3, 4), 16) & 0x3) | 0x8).toString(16)
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${hashed.slice(0, 3)}`,
    `${variant}${hashed.slice(4, 7)}`,
    hashed.slice(7, 19),
  ].join('-')
}
