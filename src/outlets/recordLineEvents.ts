import type { RecordedEvent } from '../model/event.ts'
import type { ReadLineOn } from '../store/record/readOn.ts'
import { ownEvent, uidOf } from './ownEvent.ts'

/** What a signed line is told as; what it says of itself is good news but where lines were torn. */
const marks = {
  head: { kind: 'config_change', outcome: 'ok', reason: 'record-file-begun' },
  checkpoint: { kind: 'config_change', outcome: 'ok', reason: 'record-signed' },
  removed: { kind: 'config_change', outcome: 'ok', reason: 'record-files-removed' },
  torn: { kind: 'detection_finding', outcome: 'failed', reason: 'record-line-torn' },
} as const satisfies Readonly<
  Record<Extract<ReadLineOn, { kind: 'mark' }>['mark']['mark'], Pick<RecordedEvent, 'kind' | 'outcome' | 'reason'>>
>

/**
 * What a line of the record is told as. A signed line goes along whole (`detail.line`): kept elsewhere it shows, by
 * `postern audit-log verify --checkpoint`, that nothing before it was changed or taken away.
 *
 * @param now milliseconds since 1970, for what has no time of its own
 * @param folder of the record
 */
export function eventOfRecord(line: ReadLineOn, now: number, folder: string): RecordedEvent {
  const { file, offset, chain } = line.place
  const key = `${folder} ${file} ${offset} ${line.kind}`
  const finding = { kind: 'detection_finding', activity: 'record', outcome: 'failed' } as const
  switch (line.kind) {
    case 'event':
      return line.event
    case 'mark': {
      const { mark, text } = line
      const at = Date.parse(mark.time)
      const uid = uidOf(Number.isNaN(at) ? 0 : at, `${key} ${chain}`)
      return { ...marks[mark.mark], activity: 'checkpoint', detail: { line: text }, time: mark.time, uid, chain }
    }
    case 'missed':
      return ownEvent({ ...finding, reason: 'record-events-missed', count: line.events, detail: { file } }, now, key)
    case 'changed':
      return ownEvent({ ...finding, reason: 'record-changed', detail: { file } }, now, key)
    case 'unread':
      return ownEvent({ ...finding, reason: 'record-line-unread', detail: { file: line.file, offset } }, now, key)
    default:
      return line satisfies never
  }
}
