/** The sign-in log of the built-in tenant, held against the record of a gate. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { watchSignInLogs } from '../../src/cli/openSignInLogs.ts'
import { siteFrom } from '../../src/cli/siteFrom.ts'
import { historyOf, watchOf } from '../../src/cli/watchHistory.ts'
import { graphAppId, people } from '../../src/lab/tenant/index.ts'
import type { ConfirmedNews } from '../../src/watch/news.ts'
import { caughtShell } from '../caughtShell.ts'
import type { TestGate } from '../gate/openTestGate.ts'
import { openTestGate } from '../gate/openTestGate.ts'
import { PlainBrowser } from '../plainBrowser.ts'

const laterMs = 40 * 60_000

async function watchedGate(t: TestContext) {
  const gate = await openTestGate(t, (yaml) => {
    const daemon = '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e2002'
    return `${yaml}watch:
  sign-ins: { reader: { kind: client-credentials, client: ${daemon}, secret: file:daemon-secret } }
  sign-in-logs: { every-seconds: 60, tolerance-seconds: 1 }
`
  })
  const { tenant, daemon, folder } = gate.scene
  await writeFile(join(folder, 'daemon-secret'), `${daemon.secret}\n`, { mode: 0o600 })
  const reader = tenant.apps.find(({ clientId }) => clientId === daemon.clientId) ?? assert.fail('no daemon')
  tenant.register({ ...reader, appRoles: { ...reader.appRoles, [graphAppId]: ['AuditLog.Read.All'] } })
  // Of what was just before its record begins the gate says nothing.
  await sleep(1500, undefined, { signal: t.signal })
  return gate
}

function browserOf(t: TestContext, { scene, origin, caPem }: TestGate): PlainBrowser {
  const browser = new PlainBrowser(`${caPem}\n${scene.tenant.caPem}`, origin, scene.tenant.origin)
  t.after(() => browser[Symbol.asyncDispose]())
  return browser
}

/** Signs somebody in at the gate. */
async function signIn(t: TestContext, gate: TestGate, person: string): Promise<void> {
  const browser = browserOf(t, gate)
  const page = await browser.open(`${gate.origin}/.postern/sign-in`)
  const back = await browser.open(page.url, { person })
  assert.ok(back.url.startsWith(gate.origin), back.url)
}

/** Watches, later than now by so much, until what is wanted was said or told. */
async function watched(
  t: TestContext,
  gate: TestGate,
  isEnough: (news: readonly ConfirmedNews[], said: string) => boolean,
  more: { readonly file?: string; readonly laterMs?: number; readonly looks?: number } = {},
) {
  const { shell } = caughtShell(gate.scene.folder)
  const loaded = await siteFrom(gate.scene.siteFile, shell, false)
  const store = historyOf(loaded, { isReader: false })
  const ending = new AbortController()
  const news: ConfirmedNews[] = []
  let said = ''
  const say = (line: string): void => {
    said += `${line}\n`
  }
  const ended = watchSignInLogs(
    loaded,
    watchOf(loaded),
    'gate01',
    {
      ...{ store, shell, say, now: () => Date.now() + (more.laterMs ?? laterMs) },
      ...(more.file !== undefined && { file: more.file }),
      onNews: async (some) => void news.push(...some),
    },
    AbortSignal.any([t.signal, ending.signal]),
  )
  const asked = (): number =>
    gate.scene.tenant.requests.filter(({ path, status }) => path.endsWith('/signIns') && status === 200).length
  const before = asked()
  while (!isEnough(news, said) && (more.looks === undefined || asked() < before + more.looks)) {
    await sleep(20, undefined, { signal: t.signal })
  }
  if (more.looks !== undefined) await sleep(200)
  ending.abort()
  await ended
  store.close()
  return { news, said }
}

test('who signs in at the gate is in both, and who signs in to its app past it is a finding with its evidence', async (t) => {
  const gate = await watchedGate(t)
  const { tenant, client } = gate.scene
  await signIn(t, gate, people.admin.id)
  await signIn(t, gate, people.ordinary.id)
  assert.deepEqual((await watched(t, gate, () => false, { looks: 1 })).news, [])

  const past = browserOf(t, gate)
  const query = new URLSearchParams({
    ...{ client_id: client, response_type: 'code', redirect_uri: `${gate.origin}/.postern/callback`, state: 'x' },
    ...{ scope: 'openid', nonce: 'n', code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' },
    'client-request-id': '99999999-aaaa-4bbb-8ccc-dddddddddddd',
  })
  // Its code goes to somebody else: the gate never sees it.
  const stranger = new PlainBrowser(tenant.caPem, tenant.origin)
  t.after(() => stranger[Symbol.asyncDispose]())
  await past.open(`${gate.origin}/.postern/sign-in`)
  const page = await stranger.open(`${tenant.origin}/${tenant.id}/oauth2/v2.0/authorize?${query}`)
  const { location = '' } = await stranger.open(page.url, { person: people.guest.id })
  assert.match(location, /callback\?code=/)

  const early = await watched(t, gate, () => false, { looks: 1, laterMs: 20 * 60_000 })
  assert.deepEqual(early.news, [], 'it is not accused before the time that the log has')
  const { news, said } = await watched(t, gate, (some) => some.length > 0)
  assert.equal(said, '')
  assert.equal(news.length, 1)
  const [found] = news
  assert.ok(found?.kind === 'time-finding')
  assert.equal(found.code, 'sign-in-unseen-by-gate')
  assert.match(
    found.says,
    new RegExp(`${people.guest.id} in to the app ${client} .* 127\\.0\\.0\\.1 .*request id [0-9a-f-]{36}`),
  )
  assert.match(found.says, /correlation id 99999999-aaaa-4bbb-8ccc-dddddddddddd/)
  assert.match(found.fix ?? '', /redirect URI/)
  assert.deepEqual((await watched(t, gate, () => false, { looks: 1 })).news, [], 'it is told once')
  const events = await gate.recorded()
  assert.equal(events.filter(({ reason }) => reason === 'signed-in').length, 2)
})

test('whom the gate let in and the log does not have is a finding, which ends when the entry comes late', async (t) => {
  const gate = await watchedGate(t)
  await signIn(t, gate, people.admin.id)
  await gate.scene.tenant.misbehave({ signInLog: 'late' })
  const { news } = await watched(t, gate, (some) => some.length > 0)
  const [found] = news
  assert.ok(found?.kind === 'time-finding')
  assert.equal(found.code, 'sign-in-unseen-by-tenant')
  assert.match(
    found.says,
    new RegExp(`let ${people.admin.id} in .*event [0-9a-f-]{36}, trace [0-9a-f]{32}, correlation id`),
  )
  await gate.scene.tenant.behave()
  const after = await watched(t, gate, (some) => some.length > 0)
  assert.deepEqual(
    after.news.map((one) => (one.kind === 'finding-over' ? one.subject : one.kind)),
    [found.subject],
  )
})

test('a tenant that throttles, or lets nobody read, is said and accuses nobody', async (t) => {
  const gate = await watchedGate(t)
  await signIn(t, gate, people.admin.id)
  await gate.scene.tenant.misbehave({ graph: 'throttled' })
  const throttled = await watched(t, gate, (_, said) => said !== '')
  assert.deepEqual(throttled.news, [])
  assert.match(throttled.said, /left alone for 7 s \(429\)/)
  await gate.scene.tenant.misbehave({ graph: 'forbidden' })
  const forbidden = await watched(t, gate, (_, said) => said !== '')
  assert.match(forbidden.said, /grant AuditLog\.Read\.All/)
  await gate.scene.tenant.misbehave({ graph: 'next-elsewhere' })
  assert.deepEqual(forbidden.news, [])
})

test('an exported log is read from its file', async (t) => {
  const gate = await watchedGate(t)
  await signIn(t, gate, people.admin.id)
  const at = Date.now()
  const entry = (id: string, from: number) => ({
    ...{ id, createdDateTime: new Date(from).toISOString(), appId: gate.scene.client, userId: people.guest.id },
    ...{ ipAddress: '203.0.113.7', status: { errorCode: 0 } },
  })
  const file = join(gate.scene.folder, 'export.json')
  const list = [entry('before', at - 600_000), entry('of-the-guest', at + 60_000), entry('last', at + 50 * 60_000)]
  await writeFile(file, `\uFEFF${JSON.stringify(list)}`)
  const told = await watched(t, gate, (some) => some.length > 1, { file, laterMs: 45 * 60_000 })
  assert.deepEqual(told.news.map((one) => (one.kind === 'time-finding' ? one.code : one.kind)).sort(), [
    'sign-in-unseen-by-gate',
    'sign-in-unseen-by-tenant',
  ])
  await writeFile(file, 'no log')
  assert.match(
    (await watched(t, gate, (_, said) => said !== '', { file })).said,
    /it is no sign-in log: export it as JSON/,
  )
  assert.ok((await readFile(file, 'utf8')).length > 0)
})
