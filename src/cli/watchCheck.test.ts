import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleCheck, sampleCheckBefore } from '../../test/reports.ts'
import type { CheckReport } from '../model/report.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { watchCheck } from './watchCheck.ts'

const options = { timeout: 3000, budget: 120, concurrency: 256, every: 30, color: false, quiet: true }

/** Plays rounds that give these reports, and Ctrl-C where they end; what is written and waited for comes back. */
async function watched(...reports: readonly CheckReport[]) {
  const interrupt = new AbortController()
  const pauses: number[] = []
  let written = ''
  let rounds = 0
  const shell: Shell = {
    stdout: {
      write: (text) => {
        written += text
      },
      isTerminal: false,
      columns: 80,
    },
    stderr: { write: () => {}, isTerminal: false, columns: 80 },
    env: {},
    cwd: '/',
    signal: interrupt.signal,
  }
  const code = await watchCheck([], options, shell, {
    check: async () => {
      const report = reports[rounds]
      rounds += 1
      assert.ok(report, 'a round after the last')
      return report
    },
    pause: async (ms) => {
      pauses.push(ms)
      if (rounds === reports.length) {
        interrupt.abort()
        throw new Error('aborted')
      }
    },
  })
  return { code, written, pauses }
}

const at = (report: CheckReport, startedAt: string, interrupted = false): CheckReport => ({
  ...report,
  startedAt,
  interrupted,
})

test('a watched check tells the first result whole, then a line a round, and ends with 130', async () => {
  const { code, written, pauses } = await watched(
    sampleCheck,
    at(sampleCheck, '2026-11-21T09:04:00.000Z'),
    at(sampleCheck, '2026-11-21T09:05:00.000Z'),
  )
  assert.equal(code, exitCodes.interrupted)
  assert.deepEqual(pauses, [30_000, 30_000, 30_000])
  assert.equal(written.match(/^hq from connect01: /gm)?.length, 1)
  assert.match(written, /\n09:04:00Z nothing changed: 4 open, 4 required not proven\n09:05:00Z nothing changed/)
})

test('a round that changed something tells the change, once', async () => {
  const later = at(sampleCheck, '2026-11-21T09:04:00.000Z')
  const { written } = await watched(sampleCheckBefore, later, at(later, '2026-11-21T09:05:00.000Z'))
  assert.equal(written.match(/verdict open -> blocked/g)?.length, 1)
  assert.match(written, /09:05:00Z nothing changed/)
  assert.doesNotMatch(written, /09:04:00Z nothing changed/)
})

test('a round that its budget cut short does not pass for one where nothing changed', async () => {
  const { written } = await watched(sampleCheck, at(sampleCheck, '2026-11-21T09:04:00.000Z', true))
  assert.match(written, /09:04:00Z stopped by its budget: 4 open/)
  assert.doesNotMatch(written, /nothing changed/)
})

test('a watched check is for a terminal: a file or another format is refused', async () => {
  const shell: Shell = {
    stdout: { write: () => {}, isTerminal: false, columns: 80 },
    stderr: { write: () => {}, isTerminal: false, columns: 80 },
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
  }
  for (const also of [{ json: true }, { format: 'html' }, { out: 'report' }]) {
    await assert.rejects(watchCheck([], { ...options, ...also }, shell), UsageError)
  }
})
