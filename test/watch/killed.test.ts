/** What a watcher leaves behind that is killed, stopped for a while, or ended. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Alert, Incident } from '../../src/model/incident.ts'
import { installed } from '../needs.ts'
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

interface Arrival {
  /** The number of the watcher that was running, from 0. */
  readonly life: number
  readonly id: string
  readonly alert: Alert
}

/** A receiver of alerts that takes its time to say that it has them, as those of others do. */
async function openReceiver(t: TestContext, life: () => number) {
  const arrivals: Arrival[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.once('end', () => {
      const body: { readonly alert: Alert } = JSON.parse(Buffer.concat(parts).toString())
      arrivals.push({ life: life(), id: String(request.headers['webhook-id']), alert: body.alert })
      setTimeout(() => response.writeHead(204).end(), 300)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const place = server.address()
  const port = typeof place === 'object' && place !== null ? place.port : 0
  return { arrivals, url: `http://127.0.0.1:${port}/` }
}

const start = (site: Doors, env: Readonly<Record<string, string>> = {}) =>
  startWatch(site.site, ['--from', 'here'], env)

const keptIncidents = (site: Doors): readonly Incident[] => {
  const kept = keptBy(site)
  try {
    return kept.incidents(always, 1000)
  } finally {
    kept.close()
  }
}

/** Doors are shut and opened again by chance, until the signal aborts. */
async function comeAndGo({ doors }: Doors, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn += 1) {
    const door = doors[Math.floor(Math.random() * doors.length)]
    // More of them are shut than opened, so that some stay shut until somebody is told.
    if (door?.isOpen === true) await door.shut()
    else if (turn % 3 === 0) await door?.open()
    await sleep(2000, undefined, { signal }).catch(() => {})
  }
}

describe('a watcher that ends', { concurrency: 3 }, () => {
  const lives = 12
  test(
    'kill -9 at any moment loses no incident, no alert and no mark, and nobody is told twice',
    manyHosts,
    async (t) => {
      let life = 0
      const { arrivals, url } = await openReceiver(t, () => life)
      const outlet = `  outlets: { desk: { kind: webhook, url: '${url}' } }\n`
      const site = await openDoors(t, 8, settings + outlet)
      const ending = new AbortController()
      t.after(() => ending.abort())
      const faults = comeAndGo(site, ending.signal)
      const said = { incidents: new Set<string>(), alerts: new Set<string>() }
      const marked: string[] = []
      for (; life < lives; life += 1) {
        const watch = start(site)
        t.after(() => watch.kill('SIGKILL'))
        // Some before they watch at all, some amid looks, some while an alert is on its way.
        const ms = 500 + Math.random() * 6500
        const errand = life % 4 === 1 ? startWatch(site.site, ['--change', 'start', `change-${life}`], {}) : undefined
        await sleep(ms, undefined, { signal: t.signal })
        watch.kill('SIGKILL')
        await watch.ended
        if ((await errand?.ended) === 0) marked.push(`change-${life}`)
        for (const [, id = ''] of watch.said.matchAll(/incident {3}([0-9a-f]{8}) /g)) said.incidents.add(id)
        for (const [, one = ''] of watch.said.matchAll(/alert {6}([0-9a-f]{8} \w+): /g)) said.alerts.add(one)
        if (said.incidents.size === 0) continue
        const kept = new Set(keptIncidents(site).map(({ id }) => id.slice(0, 8)))
        for (const id of said.incidents) assert.ok(kept.has(id), `${id} was told, and is not kept: ${ms} ms`)
      }
      ending.abort()
      await faults

      // What is still shut is told of by the last one; what is well for long enough is told to be over.
      const last = start(site)
      t.after(() => last.kill('SIGKILL'))
      await last.heard(/gap {8}.+nothing was looked at, since no watcher ran/)
      await sleep(30_000, undefined, { signal: t.signal })
      last.kill('SIGTERM')
      assert.equal(await last.ended, 0, last.said)
      if (installed('faketime') !== undefined) {
        life += 1
        for (const door of site.doors) await door.open()
        const later = start(site, { LD_PRELOAD: otherTime, FAKETIME: '+7200' })
        t.after(() => later.kill('SIGKILL'))
        await later.heard(/gap {8}/)
        await sleep(12_000, undefined, { signal: t.signal })
        later.kill('SIGTERM')
        assert.equal(await later.ended, 0, later.said)
      }

      const incidents = keptIncidents(site)
      const told = incidents.flatMap(({ id, told: tellings = [] }) =>
        tellings.map(({ at, reason, to }) => ({ id, at, reason, to })),
      )
      assert.ok(told.length > 0, 'nobody was told of anything')
      for (const { to } of told) assert.deepEqual(to, ['desk'])
      for (const one of said.alerts) {
        assert.ok(
          told.some(({ id, reason }) => `${id.slice(0, 8)} ${reason}` === one),
          `${one} was said, and is not kept`,
        )
      }
      // Copies have the same id, and are those of an answer that a watcher did not live to hear.
      const copies = arrivals.map(({ life: of, alert }) => `${of} ${alert.id}`)
      assert.equal(new Set(copies).size, copies.length, 'one watcher sent the same twice')
      for (const { id, alert } of arrivals) assert.equal(id, alert.id)
      const arrived = new Map(arrivals.map(({ alert }) => [alert.id, alert]))
      for (const { alert } of arrivals) assert.deepEqual(alert, arrived.get(alert.id))
      const tellingOf = ({ at, reason, id }: { readonly at: number; readonly reason: string; readonly id: string }) =>
        `${id} ${reason} ${at}`
      assert.deepEqual(
        [...arrived.values()].map(({ at, reason, incident: { id } }) => tellingOf({ at, reason, id })).toSorted(),
        told.map(tellingOf).toSorted(),
      )
      assert.ok(told.length <= arrivals.length)
      for (const { id, told: tellings = [] } of incidents) {
        const begun = tellings.filter(({ reason }) => reason !== 'worse').map(({ reason }) => reason)
        for (const [index, reason] of begun.entries()) {
          assert.equal(reason, index % 2 === 0 ? 'opened' : 'recovered', `${id}: ${begun.join(', ')}`)
        }
      }
      const kept = keptBy(site)
      const marks = kept.marks(always).map(({ name }) => name)
      kept.close()
      assert.deepEqual(marks.toSorted(), marked.toSorted())
    },
  )

  test('a watcher that is stopped for a while has a gap, and no incident', manyHosts, async (t) => {
    const site = await openDoors(t, 8, settings)
    const watch = start(site)
    t.after(() => watch.kill('SIGKILL'))
    await watch.heard(/Ctrl-C ends it/)
    for (const ms of [3000, 13_000]) {
      await sleep(6000, undefined, { signal: t.signal })
      watch.kill('SIGSTOP')
      await sleep(ms, undefined, { signal: t.signal })
      watch.kill('SIGCONT')
    }
    await watch.heard(/gap {8}.+nothing was looked at, since this machine slept/)
    await sleep(6000, undefined, { signal: t.signal })
    watch.kill('SIGTERM')
    assert.equal(await watch.ended, 0)
    assert.doesNotMatch(watch.said, /fails {6}|confirmed |incident /)
    const kept = keptBy(site)
    t.after(() => kept.close())
    const gaps = kept.gaps(always)
    assert.deepEqual(
      gaps.map(({ why }) => why),
      ['suspended'],
    )
    const [{ from, to } = { from: 0, to: 0 }] = gaps
    assert.ok(to - from >= 12_000, `${to - from}`)
    for (const { host } of site.doors) {
      const key = kept.latest().find((sample) => sample.key.startsWith(`door-${host}|`))?.key ?? ''
      const within = kept.samples(key, { from: from + 1500, to: to - 1500 }, 100)
      assert.deepEqual(within, [], 'nothing was looked at meanwhile')
      assert.ok(kept.samples(key, always, 100).length >= 3)
    }
    assert.deepEqual(kept.incidents(always, 10), [])
  })

  for (const [signal, code] of [
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ] as const) {
    test(`${signal} leaves a history that is whole, and nothing beside it`, manyHosts, async (t) => {
      const site = await openDoors(t, 8, settings)
      const watch = start(site)
      t.after(() => watch.kill('SIGKILL'))
      await watch.heard(/Ctrl-C ends it/)
      const [door] = site.doors
      await door?.shut()
      await watch.heard(/confirmed {2}door-host1/)
      watch.kill(signal)
      assert.equal(await watch.ended, code)
      assert.throws(() => process.kill(watch.pid, 0), /ESRCH/)
      const left = readdirSync(site.folder).filter((name) => name !== 'postern.yaml')
      assert.deepEqual(
        left.filter((name) => statSync(join(site.folder, name)).size > 0),
        ['postern-history.sqlite'],
        left.join(' '),
      )
      assert.equal(keptIncidents(site).length, 1)
      const next = start(site)
      t.after(() => next.kill('SIGKILL'))
      await next.heard(/with 1 open incidents/)
      next.kill('SIGKILL')
    })
  }
})
