import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { get as getPlain } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { changes, facesOf, healthy, page, portOf } from '../../test/labFaces.ts'
import { handlesLeft } from '../../test/openHandles.ts'
import type { Fault } from './fault.ts'
import { faults } from './faults/index.ts'
import { type Lab, type LabOptions, openLab } from './lab.ts'
import { loadX509 } from './servers/loadX509.ts'

const unavailable = (row: Fault): string | false => {
  if (row.needs === 'linux-loopback' && process.platform === 'darwin') return 'macOS has 127.0.0.1 only'
  if (row.needs === 'accept-queue' && process.platform === 'win32') return 'Windows refuses what does not fit the queue'
  return false
}

async function opened(t: TestContext, options: LabOptions = {}): Promise<Lab> {
  const lab = await openLab(options)
  t.after(() => lab.close())
  return lab
}

test('the healthy lab serves the tenant, the app and the names of both', async (t) => {
  assert.deepEqual(await facesOf(await opened(t)), healthy)
})

for (const row of faults) {
  test(`${row.id}: plain clients meet this fault and no other, and nothing of it after healing`, {
    skip: unavailable(row),
  }, async (t) => {
    const lab = await opened(t)
    await lab.inject(row.id)
    assert.equal(lab.fault, row.id)
    const change = changes[row.id]
    assert.ok(change, 'the table of changes has a row for every fault')
    assert.deepEqual(await facesOf(lab), { ...healthy, ...change })
    await lab.heal()
    assert.equal(lab.fault, undefined)
    assert.deepEqual(await facesOf(lab), healthy)
    assert.deepEqual(lab.machineRoots, [])
  })
}

test('one fault takes the place of another, and the same one can be put in place again', async (t) => {
  const lab = await opened(t)
  await lab.inject('closed')
  await lab.inject('expired')
  assert.deepEqual(await facesOf(lab), { ...healthy, app: 'CERT_HAS_EXPIRED' })
  await Promise.all([lab.inject('closed'), lab.inject('closed')])
  assert.deepEqual(await facesOf(lab), { ...healthy, ...changes['closed'] })
  await lab.heal()
  await lab.heal()
  assert.deepEqual(await facesOf(lab), healthy)
})

test('a fault of how the site is described is in the site file while it lasts', async (t) => {
  const lab = await opened(t)
  await lab.inject('first-resolver-dead')
  const place = `127.0.0.1:${portOf(lab, 'internal resolver')}`
  const dead = `127.0.0.1:${portOf(lab, 'second resolver')}`
  assert.ok((await readFile(lab.siteFile, 'utf8')).includes(`internal: ["${dead}", "${place}"]`))
  await lab.inject('expired')
  assert.equal(await readFile(lab.siteFile, 'utf8'), lab.siteYaml)
})

test('the root of a trusted inspector is one that this machine trusts while the fault lasts', async (t) => {
  const lab = await opened(t)
  await lab.inject('inspector-trusted')
  const [root] = lab.machineRoots.map((pem) => new X509Certificate(pem))
  assert.match(root?.subject ?? '', /Corp TLS Inspection CA/)
  await lab.inject('inspector-untrusted')
  assert.deepEqual(lab.machineRoots, [])
})

test('issuers and revocation lists are published where certificates say, under any host name', async (t) => {
  const lab = await opened(t)
  const published = async (host: string, path: string): Promise<Buffer> => {
    const asked = getPlain({
      host: '127.0.0.1',
      port: portOf(lab, 'revocation'),
      path,
      headers: { host },
      agent: false,
    })
    const [response] = await once(asked, 'response')
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const issuing = new X509Certificate(await published('pki.corp.example', '/aia/issuing.crt'))
  assert.ok(issuing.checkIssued(new X509Certificate(lab.caPem)))
  const { X509Crl } = await loadX509()
  const list = new X509Crl(await published('crl3.digicert.com', '/crl/issuing.crl'))
  assert.match(list.issuer, /Postern Lab Issuing CA 1/)
  assert.match((await published('crl3.digicert.com', '/crl/stranger.crl')).toString(), /Not found/)
})

test('a fault that this machine cannot give says what it needs, and leaves the network healthy', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const lab = await opened(t)
  const squatter = createServer()
  squatter.listen(portOf(lab, 'cloud'), '127.0.0.2')
  await once(squatter, 'listening')
  t.after(() => squatter.close())
  await assert.rejects(lab.inject('split-brain'), /the fault split-brain needs .*127\.0\.0\.0\/8.*EADDRINUSE/)
  assert.equal(lab.fault, undefined)
  assert.deepEqual(await facesOf(lab), healthy)
})

test('two labs on one machine do not meet', async (t) => {
  const [one, other] = await Promise.all([opened(t), opened(t)])
  await Promise.all([one.inject('resolver-filters'), other.inject('closed')])
  assert.deepEqual(await facesOf(one), { ...healthy, managementInside: 'ENOTFOUND' })
  assert.deepEqual(await facesOf(other), { ...healthy, ...changes['closed'] })
  const mixed = { ...one, caPem: other.caPem, servers: one.servers }
  assert.equal(await page(mixed, 'app', 'app01.corp.example'), 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY')
})

test('the site file and its certificate lie in a folder that goes with the lab', async () => {
  const lab = await openLab()
  assert.equal(await readFile(lab.siteFile, 'utf8'), lab.siteYaml)
  const certificate = /certificates: \["([^"]+)"\]/.exec(lab.siteYaml)?.[1]
  assert.equal(certificate, join(lab.folder, 'lab-root.pem'))
  assert.equal(await readFile(join(lab.folder, 'lab-root.pem'), 'utf8'), lab.caPem)
  await lab.close()
  assert.equal(existsSync(lab.folder), false)
})

/**
 * How many sockets this process still listens on or asks over. Ports are not knocked at: one that a lab has freed may be
 * another test's by now.
 */
async function listening(): Promise<number> {
  return (await handlesLeft('TCPServerWrap', 0)) + (await handlesLeft('UDPWrap', 0))
}

test('closing twice is closing once, and a closed lab takes no fault', async () => {
  const lab = await openLab()
  await Promise.all([lab.close(), lab.close()])
  await lab[Symbol.asyncDispose]()
  assert.equal(await listening(), 0)
  await assert.rejects(lab.inject('closed'), /the lab has been closed/)
  assert.equal(await listening(), 0)
})

for (const row of faults) {
  test(`closing while ${row.id} is being put in place leaves nothing behind`, { skip: unavailable(row) }, async () => {
    // Before it begins, while it is at work, and while it is being proved: as far as the machine's pace allows.
    for (const afterMs of [undefined, 1, 20]) {
      const lab = await openLab()
      const injecting = lab.inject(row.id).then(
        () => 'in place',
        () => 'given up',
      )
      if (afterMs !== undefined) await setTimeout(afterMs)
      await lab.close()
      const end = await injecting
      if (afterMs === undefined) assert.equal(end, 'given up')
      assert.equal(await listening(), 0)
      assert.equal(existsSync(lab.folder), false)
    }
  })
}

test('an abort closes the lab', async () => {
  const abort = new AbortController()
  const lab = await openLab({ signal: abort.signal })
  await lab.inject('inspector-partial')
  abort.abort(new Error('Ctrl-C'))
  await lab.close()
  assert.equal(await listening(), 0)
  assert.equal(existsSync(lab.folder), false)
  await assert.rejects(lab.inject('closed'), /Ctrl-C|closed/)
})

test('an abort while the lab opens is the reason why it does not', async () => {
  await assert.rejects(openLab({ signal: AbortSignal.abort(new Error('too late')) }), /too late/)
  const abort = new AbortController()
  const opening = openLab({ signal: abort.signal })
  setImmediate(() => abort.abort(new Error('changed my mind')))
  await assert.rejects(opening, /changed my mind/)
})

test('a base port gives a port after another, and one that is taken is said', async (t) => {
  for (const basePort of [-1, 80, 1023, 65_524, 1.5]) await assert.rejects(openLab({ basePort }), RangeError)
  const lab = await openLab()
  const freed = lab.servers.map(({ port }) => port)
  await lab.close()
  // Ports that were free a moment ago; the first run among their neighbours that still is.
  for (const basePort of freed.map((port) => Math.min(port, 65_523))) {
    try {
      const fixed = await openLab({ basePort })
      t.after(() => fixed.close())
      assert.deepEqual(
        fixed.servers.map(({ port }) => port).sort((a, b) => a - b),
        Array.from({ length: 12 }, (_, offset) => basePort + offset),
      )
      await assert.rejects(openLab({ basePort }), { code: 'EADDRINUSE' })
      return
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') continue
      throw error
    }
  }
  t.skip('not as many free ports in a row were found')
})

test('certificates are dated by the clock that is given', async (t) => {
  const lab = await opened(t, { clock: () => Date.now() - 200 * 86_400_000 })
  await lab.inject('not-yet-valid')
  await lab.heal()
  assert.equal(await page(lab, 'app', 'app01.corp.example'), 'CERT_HAS_EXPIRED')
})

test('a process that closed its lab ends by itself', async () => {
  const script = `
    import { openLab, faults } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
    const lab = await openLab()
    for (const id of ['silent', 'dns-tcp-closed', 'inspector-trusted']) await lab.inject(id)
    await lab.close()
    console.log('closed')
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const [code, signal] = await once(child, 'close')
  assert.deepEqual([code, signal, said.trim()], [0, null, 'closed'])
})
