/** Ways in by the address, the hour, the tenant’s guests and a client certificate, with a gate that is open. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { people } from '../../src/lab/tenant/index.ts'
import { makeCertificate } from '../pki.ts'
import { askGate } from './askGate.ts'
import { openTestGate } from './openTestGate.ts'

const withRoutes = (routes: string) => (yaml: string) => yaml.replace(/ {2}routes:\n[\s\S]*$/, routes)

test('the address of the client is the one that a listed proxy tells, by Forwarded or X-Forwarded-For', async (t) => {
  const gate = await openTestGate(
    t,
    withRoutes(`  behind: [127.0.0.1/32, 10.9.0.0/24]
  routes:
    - { id: inside, path: /, allow: [{ anonymous: true, addresses: [192.0.2.0/24, '2001:db8::/32'] }] }
`),
  )
  const asked: readonly [headers: Record<string, string>, status: number, reason: string][] = [
    [{}, 403, 'address-not-allowed'],
    [{ 'x-forwarded-for': '192.0.2.7' }, 200, 'passed'],
    [{ 'x-forwarded-for': '192.0.2.7, 203.0.113.9' }, 403, 'address-not-allowed'],
    [{ 'x-forwarded-for': '192.0.2.7, 10.9.0.4' }, 200, 'passed'],
    [{ forwarded: 'for="[2001:db8::7]:4711";proto=https' }, 200, 'passed'],
    [{ forwarded: 'for=203.0.113.9' }, 403, 'address-not-allowed'],
    [{ forwarded: 'for=192.0.2.7', 'x-forwarded-for': '203.0.113.9' }, 400, 'forwarded-unreadable'],
    [{ 'x-forwarded-for': 'rubbish' }, 400, 'forwarded-unreadable'],
  ]
  for (const [headers, status] of asked) {
    assert.equal((await askGate(gate, '/', { headers })).status, status, JSON.stringify(headers))
  }
  const events = (await gate.recorded()).filter(({ kind }) => kind === 'http_activity' || kind === 'authorization')
  assert.deepEqual(
    events.map(({ reason }) => reason),
    asked.map(([, , reason]) => reason),
  )
  assert.equal(events[1]?.src?.address, '192.0.2.7')
})

test('who is no listed proxy tells nothing of the address', async (t) => {
  const gate = await openTestGate(
    t,
    withRoutes('  routes:\n    - { id: inside, path: /, allow: [{ anonymous: true, addresses: [192.0.2.0/24] }] }\n'),
  )
  for (const headers of [{ 'x-forwarded-for': '192.0.2.7' }, { forwarded: 'for=192.0.2.7' }]) {
    assert.equal((await askGate(gate, '/', { headers })).status, 403)
  }
})

test('a way in is open in its hours alone', async (t) => {
  const day = ((new Date().getUTCDay() + 6) % 7) + 1
  // Two days that are neither today, nor yesterday or tomorrow, should midnight pass.
  const far = [((day + 2) % 7) + 1, ((day + 3) % 7) + 1]
  const near = [1, 2, 3, 4, 5, 6, 7].filter((one) => !far.includes(one))
  const hours = (days: readonly number[]): string => `hours: { days: [${days}], from: '00:00', to: '24:00', zone: UTC }`
  const gate = await openTestGate(t, (yaml) =>
    withRoutes(`  routes:
    - { id: near, path: /near, allow: [{ anonymous: true, ${hours(near)} }] }
    - { id: far, path: /far, allow: [{ anonymous: true, ${hours(far)} }] }
`)(yaml).replaceAll("'24:00'", "'00:00'"),
  )
  assert.deepEqual([(await askGate(gate, '/near')).status, (await askGate(gate, '/far')).status], [404, 403])
  assert.deepEqual(
    (await gate.recorded()).filter(({ route }) => route !== undefined).map(({ reason }) => reason),
    ['passed', 'outside-hours'],
  )
})

test('guests come in where they may, and nobody else where only they may', async (t) => {
  const gate = await openTestGate(
    t,
    withRoutes(`  routes:
    - { id: staff, path: /team, allow: [{ guests: denied }] }
    - { id: partners, path: /, allow: [{ guests: only }] }
`),
  )
  const { tenant, client } = gate.scene
  const statuses = async (person: string): Promise<readonly number[]> => {
    const headers = { authorization: `Bearer ${await tenant.accessToken({ person, client, api: client })}` }
    return [(await askGate(gate, '/team', { headers })).status, (await askGate(gate, '/', { headers })).status]
  }
  assert.deepEqual(await statuses(people.guest.id), [403, 200])
  assert.deepEqual(await statuses(people.ordinary.id), [200, 403])
})

test('a client certificate is asked for: by a route where it is optional, of everybody where it is required', async (t) => {
  const root = await makeCertificate({ subject: 'O=Test,CN=Devices', ca: true })
  const device = await makeCertificate({ subject: 'CN=device-1', issuer: root })
  const other = await makeCertificate({ subject: 'CN=device-2', issuer: root })
  const stranger = await makeCertificate({
    subject: 'CN=device-1',
    issuer: await makeCertificate({ subject: 'O=Else,CN=Devices', ca: true }),
  })
  const fingerprint = new X509Certificate(device.pem).fingerprint256.replaceAll(':', '').toLowerCase()
  const of = ({ pem, keyPem }: { readonly pem: string; readonly keyPem: string }) => ({ cert: pem, key: keyPem })
  const routes = `  routes:
    - { id: open, path: /, allow: [{ anonymous: true }] }
    - { id: device, path: /team, allow: [{ anonymous: true, client-certificates: [] }] }
    - { id: one, path: /admin, allow: [{ anonymous: true, client-certificates: [${fingerprint}] }] }
`
  for (const ask of ['optional', 'required'] as const) {
    const authorities = `${tmpdir()}/postern-devices-${process.pid}-${ask}.pem`
    await writeFile(authorities, root.pem)
    t.after(() => rm(authorities, { force: true }))
    const gate = await openTestGate(
      t,
      withRoutes(`  client-certificates: { authorities: [${authorities}], ask: ${ask} }\n${routes}`),
    )
    const status = async (path: string, options: object = {}): Promise<number | string> =>
      (await askGate(gate, path, options).catch(() => ({ status: 'refused' }))).status
    const all = async (options: object = {}) => [
      await status('/', options),
      await status('/team', options),
      await status('/admin', options),
    ]
    const none = ask === 'optional' ? [200, 403, 403] : ['refused', 'refused', 'refused']
    assert.deepEqual(await all(), none)
    assert.deepEqual(await all(of(device)), [200, 200, 200])
    assert.deepEqual(await all(of(other)), [200, 200, 403])
    assert.deepEqual(await all(of(stranger)), none, 'one of another CA is none')
    const reasons = new Set((await gate.recorded()).map(({ reason }) => reason))
    for (const reason of ['client-certificate-invalid', 'client-certificate-missing']) {
      assert.equal(reasons.has(reason), ask === 'required', reason)
    }
  }
})
