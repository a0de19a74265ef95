import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordSettings } from '../../model/gate.ts'
import type { StoreFault } from '../sessions/storeFault.ts'
import { Ledger } from './ledger.ts'
import { fileNames, listRecordFiles } from './recordFiles.ts'
import { errorCode, recordKey } from './recordKey.ts'
import { RecordStore } from './recordStore.ts'
import { headOf, recoverEnd } from './recoverEnd.ts'
import { ShownTime } from './shownTime.ts'
import { lockWriter } from './writerLock.ts'

export interface RecordOptions {
  readonly clock: {
    /** Milliseconds since 1970. */
    now(): number
    /** By a clock that is never set back, in milliseconds from any origin. */
    monotonicMs(): number
  }
  /** Number of this process: a second writer is told it. */
  readonly pid: number
  /** Events that may wait to be written, 1 or more; default 65,536. Above that they are counted and lost. */
  readonly mostWaiting?: number
  /** Octets of them, 1 or more; default 32 MiB. */
  readonly mostWaitingOctets?: number
  /** Told what was not right, at the start and later: sentences without an end. */
  readonly onFault?: (fault: StoreFault) => void
  /** Given each signed checkpoint, one line of JSON, to be kept where this machine cannot take it back. */
  readonly onCheckpoint?: (line: string) => void
}

/**
 * Opens the record of a gate, and makes it where there is none: a folder of mode 0700 with files to which lines are added.
 * The last of them is read whole before, some 0.4 s of processor time for 64 MiB.
 *
 * @param settings `folder` is absolute here
 * @returns the record, or why there is none: another process writes it, its key is gone, the disk is full
 */
export async function openRecord(
  settings: RecordSettings,
  options: RecordOptions,
): Promise<{ readonly ok: true; readonly record: RecordStore } | { readonly ok: false; readonly fault: StoreFault }> {
  const { folder } = settings
  const { clock, onFault } = options
  const no = ({ what, right }: StoreFault) => ({ ok: false, fault: { what: `${folder}: ${what}`, right } }) as const
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const now = (): string => new Date(clock.now()).toISOString()
    const lock = lockWriter(folder, { pid: options.pid, since: now() })
    if ('what' in lock) return no(lock)
    try {
      const isNew = (await listRecordFiles(folder)).length === 0
      const key = recordKey(join(folder, fileNames.privateKey), join(folder, fileNames.publicKey), isNew)
      if ('what' in key) {
        lock.release()
        return no(key)
      }
      const { torn, unmatched, shown, ...end } = await recoverEnd(folder, clock.now(), settings.keepDays)
      const ledger = await Ledger.open(folder, { key, now, ...end })
      const begunMs = (await headOf(folder, ledger.position.file))?.atMs ?? clock.now()
      const record = new RecordStore(settings, options, {
        ledger,
        lock,
        begunMs,
        shown: shown ?? new ShownTime(clock.now(), settings.keepDays),
      })
      await record.begin(torn, unmatched)
      if (torn !== undefined) onFault?.(tornFault(torn))
      if (unmatched !== undefined) onFault?.(unmatchedFault(unmatched))
      return { ok: true, record }
    } catch (error) {
      lock.release()
      throw error
    }
  } catch (error) {
    const right = errorCode(error) === 'ENOSPC' ? 'make room on the disk' : 'give the gate the folder'
    return no({ what: `the record cannot be opened (${errorCode(error)})`, right })
  }
}

function tornFault({ octets, aside }: { readonly octets: number; readonly aside: string }): StoreFault {
  return {
    what: `the last run ended while it wrote: ${octets} octets that nobody was answered for are in ${aside}`,
    right: 'nothing is to be done',
  }
}

function unmatchedFault(name: string): StoreFault {
  return {
    what: `the record ends before its last signed checkpoint, which is kept as ${name}: lines were removed`,
    right: 'look who could write to the folder, and compare with what was sent elsewhere',
  }
}
