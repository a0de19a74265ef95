/** Certificates of several names, and those that are replaced while requests come. */
import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPki } from '../../src/lab/servers/pki.ts'
import { askGate } from './askGate.ts'
import { openTestGate } from './openTestGate.ts'

const soon = (signal: AbortSignal) => sleep(20, undefined, { signal })

test('each name has its certificate and its routes, and a name that nobody has is not served', async (t) => {
  const portal = await openPki({ clock: Date.now, publishedAt: 'http://127.0.0.1:1' })
  const { keyPem, chainPem } = await portal.certificate('genuine', 'portal.example')
  const folder = await mkdtemp(join(tmpdir(), 'postern-names-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'portal.pem'), chainPem)
  await writeFile(join(folder, 'portal.key'), keyPem, { mode: 0o600 })
  const own = `{ certificate: ${folder}/portal.pem, key: ${folder}/portal.key }`
  const gate = await openTestGate(t, (yaml) =>
    yaml
      .replace('key: gate.key }]', `key: gate.key }, ${own}]`)
      .replace(
        '  routes:\n',
        '  routes:\n    - { id: portal, hosts: [portal.example], path: /, allow: [{ signed-in: true }] }\n',
      ),
  )
  const at = (name: string, ca: string) => {
    const options = { headers: { host: `${name}:${gate.port}` }, servername: name, ca }
    return askGate(gate, '/', options)
  }
  const [first, other] = [await at('localhost', gate.caPem), await at('portal.example', portal.rootPem)]
  assert.deepEqual([first.status, other.status], [200, 401])
  assert.notEqual(first.certificate, other.certificate)
  const unknown = { headers: { host: `other.example:${gate.port}` }, servername: 'localhost' }
  assert.equal((await askGate(gate, '/', unknown)).status, 421)
})

test('a certificate that is replaced under load is shown by new connections, and no request fails', async (t) => {
  const gate = await openTestGate(t, (yaml) => `${yaml}  limits: { requests-per-address: 1000000 }\n`)
  const { folder } = gate.scene
  const renewed = await openPki({ clock: Date.now, publishedAt: 'http://127.0.0.1:1' })
  const ask = (path = '/') => askGate(gate, path, { ca: [gate.caPem, renewed.rootPem] })
  const before = (await ask()).certificate
  let isOver = false
  const failed: string[] = []
  const seen = new Set<string>()
  const worker = async (): Promise<void> => {
    while (!isOver) {
      try {
        const { status, certificate } = await ask('/style.css')
        seen.add(certificate)
        if (status !== 200) failed.push(String(status))
      } catch (error) {
        failed.push(String(error))
      }
    }
  }
  const load = Promise.all([worker(), worker(), worker()])
  // Half of a pair first: what is in use stays in use, and whoever watches is told.
  const other = await renewed.certificate('genuine', 'localhost')
  await writeFile(join(folder, 'new.pem'), other.chainPem)
  await rename(join(folder, 'new.pem'), join(folder, 'gate.pem'))
  while (!gate.said.some((line) => line.includes('not taken up'))) await soon(t.signal)
  assert.equal((await ask()).certificate, before)
  await writeFile(join(folder, 'new.key'), other.keyPem, { mode: 0o600 })
  await rename(join(folder, 'new.key'), join(folder, 'gate.key'))
  while (seen.size < 2) await soon(t.signal)
  isOver = true
  await load
  assert.deepEqual(failed, [])
  assert.notEqual((await ask()).certificate, before)
  const told = (await gate.recorded())
    .filter(({ activity }) => activity === 'reload')
    .map(({ outcome, reason }) => `${outcome} ${reason}`)
  assert.deepEqual([...new Set(told)], ['failed key-does-not-fit', 'ok certificate-taken'])
})
