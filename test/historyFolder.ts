import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { HistoryOptions, HistoryStore } from '../src/store/history/index.ts'
import { openHistory } from '../src/store/history/index.ts'
import { dayMs, morning } from './historySamples.ts'

/** A folder for a history, which is removed with the test, after its stores were closed. */
export function historyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-history-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function historyOptions(folder: string, other: Partial<HistoryOptions> = {}): HistoryOptions {
  return {
    file: join(folder, 'history.sqlite'),
    settings: { rawDays: 2, failureDays: 3, sketchDays: 365, mostMib: 64 },
    now: () => morning + 30 * dayMs,
    pid: process.pid,
    groupMs: 0,
    ...other,
  }
}

/** Opens a history that is closed with the test. */
export function openedHistory(t: TestContext, options: HistoryOptions): HistoryStore {
  const store = openHistory(options)
  if ('what' in store) throw new Error(`${store.what}: ${store.right}`)
  t.after(() => store.close())
  return store
}
