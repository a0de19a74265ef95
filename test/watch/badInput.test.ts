/** What a watcher makes of bad input, as a process. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Alert } from '../../src/model/incident.ts'
import { needs } from '../needs.ts'
import type { Doors } from './doors.ts'
import { manyHosts, openDoors } from './doors.ts'
import { keptBy, startWatch } from './watchCommand.ts'

const settings = `  every-seconds: 5
  timeout-ms: 1000
  confirmations: 0
  administration-port: 0
`
const always = { from: 0, to: Number.MAX_SAFE_INTEGER }
const otherTime = '/usr/$LIB/faketime/libfaketime.so.1'
const start = (site: Pick<Doors, 'site'>, env: Readonly<Record<string, string>> = {}) =>
  startWatch(site.site, ['--from', 'here'], env)

/** A server that takes what is posted, or answers as it is told; `undefined` never answers. */
async function openDesk(t: TestContext, status: number | undefined) {
  const alerts: Alert[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.once('end', () => {
      alerts.push(JSON.parse(Buffer.concat(parts).toString()).alert)
      if (status !== undefined) response.writeHead(status).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const place = server.address()
  return { alerts, url: `http://127.0.0.1:${typeof place === 'object' && place !== null ? place.port : 0}/` }
}

/** Most that a process ever had in memory, in MiB, and what it has now. */
function memoryOf(pid: number): { readonly most: number; readonly now: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024
  return { most: mib('VmHWM'), now: mib('VmRSS') }
}

describe('bad input', { concurrency: 4 }, () => {
  test('a history that a later version wrote is left as it is', manyHosts, async (t) => {
    const site = await openDoors(t, 1, settings)
    const first = start(site)
    t.after(() => first.kill('SIGKILL'))
    await first.heard(/Ctrl-C ends it/)
    first.kill('SIGTERM')
    assert.equal(await first.ended, 0)
    const file = join(site.folder, 'postern-history.sqlite')
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 9999')
    database.close()
    const before = readFileSync(file)
    const second = start(site)
    assert.equal(await second.ended, 2)
    assert.match(second.said, /later version|newer/)
    assert.ok(before.equals(readFileSync(file)))
  })

  test('an outlet that hangs and one that answers 400 keep nobody else waiting', manyHosts, async (t) => {
    const [hangs, refuses, takes] = [await openDesk(t, undefined), await openDesk(t, 400), await openDesk(t, 204)]
    const outlets = `  outlets:
    hangs: { kind: webhook, url: '${hangs.url}', timeout-seconds: 2 }
    refuses: { kind: webhook, url: '${refuses.url}' }
    takes: { kind: webhook, url: '${takes.url}' }
`
    const site = await openDoors(t, 4, settings + outlets)
    const watch = start(site)
    t.after(() => watch.kill('SIGKILL'))
    await watch.heard(/Ctrl-C ends it/)
    await site.doors[0]?.shut()
    await watch.heard(/outlet {5}hangs \(webhook\): .*, next try in /)
    await watch.heard(/outlet {5}refuses \(webhook\): .*400.*set aside/)
    assert.deepEqual(
      takes.alerts.map(({ reason }) => reason),
      ['opened'],
    )
    watch.kill('SIGTERM')
    assert.equal(await watch.ended, 0)
    const kept = keptBy(site)
    t.after(() => kept.close())
    assert.deepEqual([kept.waiting('hangs'), kept.waiting('refuses'), kept.waiting('takes')], [1, 0, 0])
    assert.deepEqual([refuses.alerts.length, takes.alerts.length], [1, 1])
  })

  test('a site of 10,000 flows is watched in less than 250 MB', manyHosts, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'postern-many-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const names = Array.from({ length: 1250 }, (_, at) => `host${at}`)
    const site = join(folder, 'postern.yaml')
    const ports = Array.from({ length: 8 }, (_, at) => 40_000 + at)
    await writeFile(
      site,
      `site: many
hosts:
  here: { roles: [domain-member], addresses: [127.0.0.1] }
${names.map((name, at) => `  ${name}: { roles: [published-app], addresses: [127.21.${at >> 8}.${at & 255}] }\n`).join('')}names: { login.microsoftonline.com: 127.20.0.1 }
flows:
${names.map((name) => `  - { id: f-${name}, from: here, to: ${name}, ports: [${ports.join(', ')}], transport: [tcp], service: tcp }\n`).join('')}watch:
  every-seconds: 120
  administration-port: 0
`,
    )
    const watch = start({ site })
    t.after(() => watch.kill('SIGKILL'))
    await watch.heard(/Postern watches many from here: 10001 flows to 1251 ends, every 120 s/)
    await watch.heard(/fails {6}/, 200)
    const { most, now } = memoryOf(watch.pid)
    watch.kill('SIGTERM')
    assert.equal(await watch.ended, 0)
    assert.ok(now < 250, `${now} MiB, and at the most ${most} MiB`)
  })

  test(
    'a site file that changes is taken up or refused, also by a new file of the name, and the watcher goes on',
    manyHosts,
    async (t) => {
      const site = await openDoors(t, 4, settings)
      const watch = start(site)
      t.after(() => watch.kill('SIGKILL'))
      await watch.heard(/Ctrl-C ends it/)
      const good = readFileSync(site.site, 'utf8')
      const replace = (text: string): void => {
        writeFileSync(`${site.site}.new`, text)
        renameSync(`${site.site}.new`, site.site)
      }
      replace(good.replace('door-host4, from: here', 'door-host4, from: nobody'))
      await watch.heard(/has changed and is refused, the one before stays\n.*nobody/)
      rmSync(site.site)
      await watch.heard(/is refused, the one before stays/, 2)
      const fewer = good.replace(/ {2}- \{ id: door-host4, .*\n/, '')
      assert.notEqual(fewer, good)
      replace(fewer)
      await watch.heard(/is read again: 4 flows to 4 ends/)
      await site.doors[3]?.shut()
      await site.doors[0]?.shut()
      await watch.heard(/confirmed {2}door-host1 /)
      watch.kill('SIGTERM')
      assert.equal(await watch.ended, 0)
      assert.doesNotMatch(watch.said, /door-host4 here/)
    },
  )

  test('a clock that is set forward, and back, is a gap each, and no incident', manyHosts, async (t) => {
    if (needs(t, 'faketime') === undefined) return
    const site = await openDoors(t, 4, settings)
    const clock = join(site.folder, 'clock')
    writeFileSync(clock, '+0')
    const watch = start(site, {
      LD_PRELOAD: otherTime,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    })
    t.after(() => watch.kill('SIGKILL'))
    await watch.heard(/Ctrl-C ends it/)
    for (const ahead of ['+7200', '-3600', '+0']) {
      await sleep(6500, undefined, { signal: t.signal })
      writeFileSync(clock, ahead)
    }
    await watch.heard(/gap {8}.+the clock of this machine was set/, 3)
    await sleep(6500, undefined, { signal: t.signal })
    await site.doors[0]?.shut()
    await watch.heard(/confirmed {2}door-host1 /)
    watch.kill('SIGTERM')
    assert.equal(await watch.ended, 0)
    const kept = keptBy(site)
    t.after(() => kept.close())
    assert.deepEqual(
      kept.gaps(always).map(({ why }) => why),
      ['clock-moved', 'clock-moved', 'clock-moved'],
    )
    const incidents = kept.incidents(always, 10)
    assert.equal(incidents.length, 1)
    assert.equal(watch.said.match(/confirmed /g)?.length, 1, watch.said)
  })
})
