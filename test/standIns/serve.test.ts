import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePorts, listens } from '../freePorts.ts'
import { makeChain } from '../pki.ts'
import { said } from './said.ts'

const serve = fileURLToPath(new URL('serve.ts', import.meta.url))

function start(t: TestContext, ...args: readonly string[]) {
  const child = spawn(process.execPath, [serve, '127.0.0.1', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', (part: Buffer) => {
    errors += part.toString()
  })
  return { child, told: () => errors }
}

/** What each says to a client that takes it for a web server. */
const served = [
  { wish: 'adws', answer: /^$/ },
  { wish: 'adws', conduct: 'other-protocol', answer: /^HTTP\/1\.1 400 / },
  { wish: 'winrm', conduct: 'stopped', answer: /^HTTP\/1\.1 503 / },
  { wish: 'winrms', conduct: 'not-registered', inTls: true, answer: /^HTTP\/1\.1 404 / },
  { wish: 'amqps', conduct: 'no-sasl', inTls: true, answer: /^AMQP\0/ },
  { wish: 'wss', conduct: 'no-upgrade', inTls: true, answer: /^HTTP\/1\.1 426 / },
  { wish: 'mssql', conduct: 'garbage', answer: /^[^\0-~]{48}$/ },
] as const

test('every protocol is served as its conduct says once the process is ready, and none after its input has ended', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-stand-ins-'))
  t.after(() => rm(folder, { recursive: true }))
  const { root, intermediate, leaf } = await makeChain()
  await writeFile(join(folder, 'dc.pem'), leaf.pem + intermediate.pem)
  await writeFile(join(folder, 'dc.key'), leaf.keyPem)
  const ports = await freePorts(served.length)
  const rows = served.map((row, index) => ({ conduct: undefined, inTls: false, ...row, port: ports[index] ?? 0 }))
  const wishes = rows.map(({ wish, port, conduct }) => [wish, port, conduct].filter(Boolean).join(':'))
  const { child, told } = start(t, join(folder, 'dc'), ...wishes)
  const [first] = await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
  assert.equal(String(first), 'ready\n', told())

  const asked = Buffer.from('POST /wsman HTTP/1.1\r\nHost: dc\r\nConnection: close\r\n\r\n')
  for (const { wish, port, inTls, answer } of rows) {
    const tls = { tls: { ca: root.pem, name: 'localhost' } }
    const heard = await said(port, asked, { awaits: 1_000_000, ...(inTls && tls) })
    assert.match(heard.toString('latin1'), answer, wish)
  }

  child.stdin.end()
  const [code] = await once(child, 'close')
  assert.equal(code, 0)
  for (const port of ports) assert.equal(await listens(port), false)
})

for (const wish of ['ldap:0', 'adws:0:sideways', 'adws:none']) {
  test(`${wish} is no stand-in, and the process ends with an error`, async (t) => {
    const { child, told } = start(t, 'none', wish)
    const [code] = await once(child, 'close')
    assert.equal(code, 1)
    assert.match(told(), /RangeError/)
  })
}
