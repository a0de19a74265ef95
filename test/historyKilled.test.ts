/** What a watcher that is killed leaves behind: everything of which it was told that it is kept, and no part of a batch. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { historyFolder, historyOptions, openedHistory } from './historyFolder.ts'

const writer = fileURLToPath(new URL('historyWriter.ts', import.meta.url))
const posix = { skip: process.platform === 'win32' && 'a process there is not killed by a signal', timeout: 120_000 }
const all = { from: 0, to: Number.MAX_SAFE_INTEGER }
const runs = 4

test('every look and every incident that was kept outlives a kill -9, and no batch is torn', posix, async (t) => {
  const folder = historyFolder(t)
  const told = { look: new Set<number>(), incident: new Set<number>() }
  for (let run = 0; run < runs; run += 1) {
    const child = spawn(process.execPath, [writer, folder, String(run * 100_000)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => child.kill('SIGKILL'))
    // At another point of whatever it does each time.
    const enough = 100 + Math.floor(Math.random() * 400)
    let count = 0
    for await (const line of createInterface(child.stdout)) {
      const [kind, number] = line.split(' ')
      assert.ok(kind === 'look' || kind === 'incident')
      told[kind].add(Number(number))
      count += 1
      if (count === enough) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    assert.equal(child.signalCode, 'SIGKILL')
    assert.ok(count >= enough)

    const settings = { rawDays: 365, failureDays: 365, sketchDays: 365, mostMib: 64 }
    const store = openedHistory(t, historyOptions(folder, { settings }))
    const marks = new Set(store.marks(all).map(({ name }) => Number(name)))
    const values = new Set<number>()
    let samples = 0
    for (let flow = 0; flow < 50; flow += 1) {
      for (const { value } of store.readings(`flow-${flow}`, 'tls-ms', all, 1e6)) values.add(value)
      samples += store.samples(`flow-${flow}`, all, 1e6).length
    }
    const failures = [...store.failures(all)].length
    for (const number of told.look) assert.ok(values.has(number), `look ${number} is gone`)
    for (const number of told.incident) assert.ok(store.incident(String(number)), `incident ${number} is gone`)
    const alerts = new Set(store.due('mail', 1, 1e6).map(({ body }) => JSON.parse(body).id))
    for (const number of told.incident) assert.ok(alerts.has(String(number)), `the alert of ${number} is gone`)
    assert.deepEqual([values.size, samples], [marks.size, marks.size], 'all of a batch is kept, or nothing')
    assert.equal(failures, [...marks].filter((number) => number % 10 === 0).length)
    store.close()
  }
  assert.ok(told.look.size > 200 && told.incident.size > 0)
})
