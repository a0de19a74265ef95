import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { PktmonState } from '../../test/standIns/pktmon.ts'
import { putPktmon } from '../../test/standIns/pktmon.ts'
import type { PktmonTask } from './holdPktmon.ts'
import { holdPktmonProgram } from './holdPktmon.ts'
import type { Told } from './holdTool.ts'

const skip = process.platform === 'win32' && 'the stand-in for pktmon is a script'

const task: PktmonTask = {
  filters: [['-i', '192.0.2.1']],
  widerFilters: [['-t', 'TCP']],
  keptOctets: 256,
  megabytes: 64,
  stepMs: 60_000,
  convertMs: 60_000,
}

interface Ran {
  /** What the keeper told after it was asked to stop, which it is as soon as it captures. */
  readonly last: Told | undefined
  readonly state: PktmonState
  /** What is left in its folder for what is passing. */
  readonly files: readonly string[]
}

/**
 * @param first runs in the keeper's process before the keeper itself
 * @param temporary its folder for what is passing, within the one that is made here
 */
async function ran(t: TestContext, given: PktmonTask, first = '', temporary = '.'): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-tool-'))
  const own = mkdtempSync(join(folder, 'tmp-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const { place, state } = putPktmon(folder)
  const { NODE_OPTIONS: _, ...env } = process.env
  const words = ['--eval', `${first}; ${holdPktmonProgram}`, '--', place, JSON.stringify(given)]
  const keeper = spawn('/bin/sh', ['-c', 'ulimit -n 100 && exec "$0" "$@"', process.execPath, ...words], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...env, TMPDIR: join(own, temporary) },
  })
  t.after(() => keeper.kill('SIGKILL'))
  let last: Told | undefined
  keeper.on('message', (message: Told) => {
    last = message
    if (message.kind === 'began') keeper.send('stop')
  })
  await once(keeper, 'close')
  return { last, state: state(), files: readdirSync(own) }
}

function assertPutBack({ state, files }: Ran): void {
  assert.deepEqual([state.isRunning, state.filters, files], [false, [], []])
}

test('where there is no room for its log that is said, and nothing is begun', { skip }, async (t) => {
  const what = await ran(t, task, '', 'nowhere')
  assert.ok(what.last?.kind === 'failed' && what.last.as === 'no-means', JSON.stringify(what.last))
  assert.match(what.last.why, /^pktmon could not be used: Error: ENOENT: .*mkdtemp/)
  assertPutBack(what)
  assert.ok(!what.state.asked.some(([command, second]) => command === 'start' || second === 'add'))
})

test('a command that cannot even be started is a failure, and what came before it is put back', { skip }, async (t) => {
  const noWord = ['-i', '\0']
  const what = await ran(t, { ...task, filters: [...task.filters, noWord], widerFilters: [noWord] })
  assert.deepEqual(what.last, {
    kind: 'failed',
    as: 'no-means',
    why: 'pktmon filter add: it ended with ERR_INVALID_ARG_VALUE',
  })
  assertPutBack(what)
  assert.deepEqual(what.state.asked.at(-1), ['filter', 'remove'])
})

test('where no descriptor is left for its stop, that is said, and it is stopped as soon as there is one', {
  skip,
}, async (t) => {
  const first = `
    const { closeSync, openSync } = process.getBuiltinModule('node:fs')
    const children = process.getBuiltinModule('node:child_process')
    const { spawn } = children
    const taken = []
    process.once('message', () => { try { for (;;) taken.push(openSync('/dev/null')) } catch {} })
    children.spawn = (...words) => {
      const child = spawn(...words)
      for (const fd of taken.splice(0)) closeSync(fd)
      return child
    }`
  const what = await ran(t, task, first)
  assert.deepEqual(what.last, { kind: 'failed', as: 'no-means', why: 'pktmon stop: it ended with EMFILE' })
  assertPutBack(what)
  assert.deepEqual(
    what.state.asked.slice(-4).map(([command]) => command),
    ['start', 'stop', 'filter', 'filter'],
  )
})
