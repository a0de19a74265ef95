/** What `postern explain-access --recorded` says of requests that a gate has answered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventReasons } from '../../src/cli/eventReasons.ts'
import { runCli } from '../../src/cli/runCli.ts'
import { accessReportSchema } from '../../src/config/accessSchema.ts'
import { people } from '../../src/lab/tenant/index.ts'
import { caughtShell } from '../caughtShell.ts'
import { askGate } from './askGate.ts'
import { openTestGate } from './openTestGate.ts'

const traceIdIn = (body: string): string => (JSON.parse(body) as { traceId: string }).traceId

test('a recorded request is explained: the route that decided, the reason in words, and what each way in lacked', async (t) => {
  const gate = await openTestGate(t, (yaml) =>
    yaml.replace(
      'allow: [{ roles: [Admin] }]',
      'allow: [{ roles: [Admin], addresses: [10.0.0.0/8] }, { scopes: [payroll.read] }]',
    ),
  )
  const { tenant, client, folder, siteFile } = gate.scene
  const token = await tenant.accessToken({ person: people.ordinary.id, client, api: client })
  const headers = { authorization: `Bearer ${token}` }
  const denied = await askGate(gate, '/admin?q=hidden', { headers })
  const nobody = await askGate(gate, '/api/hello')
  const wrong = await askGate(gate, '/api/hello', { headers: { authorization: `Bearer ${token.slice(0, -6)}AAAAAA` } })
  const nowhere = await askGate(gate, '/nowhere', { headers })
  const vault = await askGate(gate, '/vault', { headers })
  assert.deepEqual(
    [denied, nobody, wrong, nowhere, vault].map(({ status }) => status),
    [403, 401, 401, 403, 403],
  )
  const stronger = await tenant.accessToken({ person: people.admin.id, client, api: client, contexts: ['c1'] })
  assert.equal((await askGate(gate, '/vault', { headers: { authorization: `Bearer ${stronger}` } })).status, 200)
  const events = await gate.recorded()

  const explain = async (traceId: string, ...words: readonly string[]) => {
    const { shell, written } = caughtShell(folder)
    const exitCode = await runCli(['explain-access', '--recorded', traceId, '--site', siteFile, ...words], shell)
    return { exitCode, ...written }
  }
  const report = async (traceId: string) => {
    const { exitCode, stdout, stderr } = await explain(traceId, '--json')
    assert.equal(stderr, '')
    return { exitCode, ...accessReportSchema.parse(JSON.parse(stdout)) }
  }
  const told = await report(traceIdIn(denied.body))
  assert.deepEqual(
    [told.exitCode, told.allowed, told.because, told.route, told.request.path],
    [1, false, 'scope-missing', { id: 'admin', path: '/admin' }, '/admin'],
  )
  assert.deepEqual(
    told.ways.map(({ at, asked }) => [at, asked.map(({ asks, reason }) => `${asks} ${reason}`)]),
    [
      [0, ['addresses address-not-allowed', 'roles role-missing']],
      [1, ['scopes scope-missing']],
    ],
  )
  assert.deepEqual([told.request.who, told.request.objectId], ['user', people.ordinary.id])
  assert.deepEqual(
    told.recorded?.events.map(({ status }) => status),
    [403],
  )
  const { stdout } = await explain(traceIdIn(denied.body))
  assert.match(stdout, /^GET localhost\/admin was denied: .*\(scope-missing\)$/m)
  assert.match(stdout, /none of the app roles is assigned \(role-missing\)/)

  const because = async (body: string) => (await report(traceIdIn(body))).because
  assert.equal(await because(nobody.body), 'not-signed-in')
  assert.equal(await because(wrong.body), 'signature-invalid')
  assert.equal(await because(nowhere.body), 'no-route')
  assert.equal(await because(vault.body), 'context-missing')
  const traceId = events.find(({ http, reason }) => http?.path === '/vault' && reason === 'passed')?.traceId ?? ''
  const passed = await report(traceId)
  assert.deepEqual([passed.exitCode, passed.allowed, passed.route?.id, passed.because], [0, true, 'vault', 'passed'])
  assert.deepEqual(
    passed.recorded?.events.map(({ activity }) => activity),
    ['step-up', 'request'],
  )

  const unknown = await explain('0'.repeat(32))
  assert.equal(unknown.exitCode, 2)
  assert.match(unknown.stderr, /nothing is recorded of the request 0{32}/)
  assert.equal((await explain('not-hexadecimal')).exitCode, 2)
  assert.match((await explain(traceId, '--address', '10.1.2.3')).stderr, /give neither a URL nor/)
})

test('no reason of the record means two things for one kind and outcome that ask for nothing', () => {
  const rows = eventReasons.filter(({ asks }) => asks === undefined)
  const keys = rows.flatMap(({ kinds, reason, outcome }) => kinds.map((kind) => `${kind} ${reason} ${outcome}`))
  assert.deepEqual(
    keys.filter((key, at) => keys.indexOf(key) !== at),
    [],
  )
  for (const { says } of eventReasons) assert.ok(says !== '' && !says.endsWith('.'), says)
})
