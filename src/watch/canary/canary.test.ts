import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { needs } from '../../../test/needs.ts'
import { object, openDirectoryServer, reader, writer } from '../../../test/watch/directoryServer.ts'
import { memoryHistory } from '../../../test/watch/memoryHistory.ts'
import { daemon, gate, openSignInRig } from '../../../test/watch/signInRig.ts'
import { graphAppId, people } from '../../lab/tenant/index.ts'
import type { SyncCanary } from '../../model/watch.ts'
import { createDirectoryWriter } from '../../net/directoryWriter.ts'
import type { ConfirmedNews } from '../news.ts'
import type { CanaryMeans } from './canaryMeans.ts'
import { canaryRights } from './canaryRights.ts'
import type { CanaryEvent } from './canaryRunner.ts'
import { CanaryRunner } from './canaryRunner.ts'
import { scimValue } from './readTarget.ts'

const attribute = 'physicalDeliveryOfficeName'
const person = people.ordinary

/** A directory, a loop that synchronises it, the tenant, and a canary between them. */
async function openCanary(t: TestContext, slapd: string) {
  const directory = await openDirectoryServer(t, slapd)
  const syncing = { is: true }
  const appRoles = { [graphAppId]: ['User.Read.All'] }
  const rig = await openSignInRig(t, { apps: [gate, { ...daemon, appRoles }] })
  const common = { url: directory.ldaps, trust: [directory.rootPem], names: {}, timeoutMs: 5000 }
  const server = createDirectoryWriter({ ...common, account: reader })
  const value = async (): Promise<readonly string[]> => {
    const read = await server.read(object, attribute, t.signal)
    assert.ok(read.ok, JSON.stringify(read))
    return read.values
  }
  const ending = new AbortController()
  // What Entra Connect does every half an hour: reads there, and writes here.
  const loop = (async () => {
    while (!ending.signal.aborted) {
      const read = await server.read(object, attribute, ending.signal)
      const [officeLocation = ''] = read.ok ? read.values : []
      if (syncing.is && read.ok) rig.tenant.change(person.id, { profile: { officeLocation } })
      await sleep(20, undefined, { signal: ending.signal }).catch(() => {})
    }
  })()
  t.after(async () => {
    ending.abort()
    await loop
  })
  const canary: SyncCanary = {
    object,
    attribute,
    directory: directory.ldaps,
    account: { name: writer.name, password: 'env:CANARY' },
    target: { kind: 'graph', object: person.userName, attribute: 'officeLocation' },
    everySeconds: 1800,
    withinSeconds: 60,
  }
  const means: CanaryMeans = {
    canary,
    site: 'hq',
    directory: createDirectoryWriter({ ...common, account: writer }),
    signInMeans: rig.means,
    reader: rig.daemon,
    token: async () => ({ why: 'there is none' }),
    pollMs: { first: 20, most: 50 },
  }
  return { ...rig, canary, means, value, syncing, common }
}

function runnerOf(means: CanaryMeans, store = memoryHistory()) {
  const news: ConfirmedNews[] = []
  const events: CanaryEvent[] = []
  const runner = new CanaryRunner(means, {
    now: Date.now,
    pause: async (ms, signal) => void (await sleep(ms, undefined, { signal }).catch(() => {})),
    random: () => 0.5,
    store,
    onNews: async (some) => void news.push(...some),
    onEvent: (event) => void events.push(event),
    zone: 'Europe/Berlin',
  })
  return { runner, news, events, store }
}

const eventKinds = (events: readonly CanaryEvent[]) => events.map(({ kind }) => kind)

test('a change is awaited in Graph, its lag is kept, and the value from before is put back', async (t) => {
  const slapd = needs(t, 'slapd')
  if (slapd === undefined) return
  const { means, value, tenant } = await openCanary(t, slapd)
  const { runner, news, events, store } = runnerOf(means)
  await runner.once(t.signal)
  assert.deepEqual(eventKinds(events), ['arrived'], JSON.stringify(events))
  assert.deepEqual(await value(), ['Room 1'])
  const [reading] = store.kept.readings
  assert.equal(`${reading?.subject} ${reading?.measure}`, 'canary:hq sync-lag-ms')
  assert.ok((reading?.value ?? 0) > 0)
  assert.deepEqual(news, [])
  const asked = tenant.requests.filter(({ path }) => path.startsWith('/v1.0/users/'))
  assert.ok(asked.length > 0)
  assert.ok(asked.every(({ parameters }) => parameters['$select'] === 'officeLocation'))
})

test('what has not arrived in time is news, and over with the next that does', async (t) => {
  const slapd = needs(t, 'slapd')
  if (slapd === undefined) return
  const { means, canary, value, syncing } = await openCanary(t, slapd)
  const { runner, news, events } = runnerOf({ ...means, canary: { ...canary, withinSeconds: 1 } })
  syncing.is = false
  await runner.once(t.signal)
  const [late] = news
  assert.ok(late?.kind === 'canary-late', JSON.stringify(events))
  assert.equal(late.told.cause, 'sync-lag')
  assert.equal(late.subject, 'canary:hq')
  assert.deepEqual(await value(), ['Room 1'])
  syncing.is = true
  await runner.once(t.signal)
  assert.deepEqual(
    news.map(({ kind }) => kind),
    ['canary-late', 'canary-back'],
  )
})

test('two canaries are never out at once, and one of another watcher is left alone', async (t) => {
  const slapd = needs(t, 'slapd')
  if (slapd === undefined) return
  const { means, value } = await openCanary(t, slapd)
  const { runner, events } = runnerOf(means)
  await Promise.all([runner.once(t.signal), runner.once(t.signal)])
  assert.deepEqual(eventKinds(events).sort(), ['arrived', 'not-done'])
  await means.directory.replace(object, attribute, ['postern-canary-of-another'], t.signal)
  await runner.once(t.signal)
  assert.equal(events.at(-1)?.kind, 'not-done')
  assert.deepEqual(await value(), ['postern-canary-of-another'])
})

test('what a sudden end left is put back before the next change; what somebody changed since stands', async (t) => {
  const slapd = needs(t, 'slapd')
  if (slapd === undefined) return
  const { means, value } = await openCanary(t, slapd)
  const store = memoryHistory()
  const leave = async (now: string): Promise<void> => {
    const change = { object, attribute, before: ['Room 7'], marker: 'postern-canary-left' }
    await store.keepWord('canary.under-way', JSON.stringify(change))
    await means.directory.replace(object, attribute, [now], t.signal)
  }
  await leave('postern-canary-left')
  const { runner, events } = runnerOf(means, store)
  await runner.once(t.signal)
  assert.deepEqual(eventKinds(events), ['arrived'])
  assert.deepEqual(await value(), ['Room 7'])
  assert.equal(store.word('canary.under-way'), '')
  await leave('Room 8')
  await runner.once(t.signal)
  assert.deepEqual(await value(), ['Room 8'])
})

test('the end of the watcher puts the value from before back', async (t) => {
  const slapd = needs(t, 'slapd')
  if (slapd === undefined) return
  const { means, value, syncing } = await openCanary(t, slapd)
  syncing.is = false
  const { runner, news } = runnerOf(means)
  const ending = new AbortController()
  const running = runner.once(ending.signal)
  while ((await value())[0] === 'Room 1') await sleep(10)
  ending.abort()
  await running
  assert.deepEqual(await value(), ['Room 1'])
  assert.deepEqual(news, [])
})

test('a right that is missing is told with what gives it: at the directory, and at Graph', async (t) => {
  const slapd = needs(t, 'slapd')
  if (slapd === undefined) return
  const { means, common, tenant, value } = await openCanary(t, slapd)
  const readOnly = { ...means, directory: createDirectoryWriter({ ...common, account: reader }) }
  const first = runnerOf(readOnly)
  await first.runner.once(t.signal)
  const [late] = first.news
  assert.ok(late?.kind === 'canary-late')
  assert.match(late.told.says, /does not let the account do that/)
  assert.match(late.told.fix ?? '', /--canary-rights/)
  await tenant.misbehave({ graph: 'forbidden' })
  const second = runnerOf(means)
  await second.runner.once(t.signal)
  const [forbidden] = second.news
  assert.ok(forbidden?.kind === 'canary-late' && forbidden.told.cause === 'consent-missing')
  assert.match(forbidden.told.fix ?? '', /User\.Read\.All/)
  assert.deepEqual(await value(), ['Room 1'])
})

test('Graph that throttles is asked again when it wants to be', async (t) => {
  const slapd = needs(t, 'slapd')
  if (slapd === undefined) return
  const { means, tenant, canary } = await openCanary(t, slapd)
  await tenant.misbehave({ graph: 'throttled' })
  const { runner, news, events } = runnerOf({ ...means, canary: { ...canary, withinSeconds: 2 } })
  await runner.once(t.signal)
  assert.equal(tenant.requests.filter(({ path }) => path.startsWith('/v1.0/users/')).length, 1)
  assert.deepEqual(news, [])
  assert.deepEqual(eventKinds(events), ['not-done'])
})

test('a lag beyond what is normal is news when the next is as well', async (t) => {
  const slapd = needs(t, 'slapd')
  if (slapd === undefined) return
  const { means, syncing } = await openCanary(t, slapd)
  const store = memoryHistory()
  const hour = 3_600_000
  for (let count = 1; count <= 20; count += 1) {
    const at = Date.now() - count * hour
    store.kept.readings.push({ subject: 'canary:hq', measure: 'sync-lag-ms', at, value: 40 + (count % 3) })
  }
  const { runner, news } = runnerOf(means, store)
  for (const isNews of [false, true]) {
    syncing.is = false
    const late = runner.once(t.signal)
    await sleep(1000)
    syncing.is = true
    await late
    assert.equal(news.length > 0, isNews)
  }
  const [slow] = news
  assert.ok(slow?.kind === 'canary-late' && slow.looks === 2 && slow.told.cause === 'sync-lag')
  assert.match(slow.told.says, /is usual at this hour/)
})

test('the least right is printed: one attribute of one object', () => {
  const canary: SyncCanary = {
    object: 'CN=canary,OU=Watch,DC=corp,DC=example',
    attribute,
    directory: 'ldaps://dc01.corp.example',
    account: { name: 'CORP\\svc-canary', password: 'env:CANARY' },
    target: { kind: 'graph', object: 'canary@contoso.com', attribute: 'officeLocation' },
    everySeconds: 1800,
    withinSeconds: 3600,
  }
  const lines = canaryRights(canary).join('\n')
  assert.match(
    lines,
    /dsacls "CN=canary,OU=Watch,DC=corp,DC=example" \/G "CORP\\svc-canary:RPWP;physicalDeliveryOfficeName"/,
  )
  assert.match(lines, /User\.Read\.All/)
  assert.doesNotMatch(lines, /env:CANARY/)
})

test('attributes of SCIM are found by name, by path and behind the URN of an extension', () => {
  const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
  const resource = { title: 'a', name: { familyName: 'b' }, [urn]: { department: 'c' } }
  assert.equal(scimValue(resource, 'title'), 'a')
  assert.equal(scimValue(resource, 'name.familyName'), 'b')
  assert.equal(scimValue(resource, `${urn}:department`), 'c')
  assert.equal(scimValue(null, 'x.y'), undefined)
})
