/** The built-in tenant alone, as `postern lab tenant` opens it for a gate of one's own. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { openServing } from '../../src/cli/openServing.ts'
import { runLabTenant } from '../../src/cli/runLabTenant.ts'
import { servedGate } from '../../src/cli/servedGate.ts'
import { siteFrom } from '../../src/cli/siteFrom.ts'
import { openSampleApp } from '../../src/lab/sampleApp/sampleApp.ts'
import { openPki } from '../../src/lab/servers/pki.ts'
import { people } from '../../src/lab/tenant/index.ts'
import { rehearsals } from '../../src/lab/tenant/rehearsals.ts'
import { caughtShell } from '../caughtShell.ts'
import { freePorts } from '../freePorts.ts'
import { PlainBrowser } from '../plainBrowser.ts'

/** A gate of one's own, whose authority is the tenant of this machine. */
async function ownGate(t: TestContext, edit: (yaml: string) => string = (yaml) => yaml) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-own-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const [port, tenantPort] = await freePorts(2)
  const pki = await openPki({ clock: Date.now, publishedAt: 'http://127.0.0.1:9' })
  const { keyPem, chainPem } = await pki.certificate('genuine', 'localhost')
  const app = await openSampleApp()
  t.after(() => app.close())
  const site = join(folder, 'gate.yaml')
  const yaml = `site: own
tenant: 22222222-3333-4444-8555-666666666666
hosts: { gate01: { roles: [app-8443], name: localhost } }
trust: { certificates: [tenant-root.pem] }
gate:
  origin: https://localhost:${port}
  listen: [127.0.0.1:${port}]
  administration-port: 0
  authority: https://localhost:${tenantPort}
  certificates: [{ certificate: gate.pem, key: gate.key }]
  sign-in: { client: 00001111-aaaa-2222-bbbb-3333cccc4444, secret: env:GATE_SECRET }
  sessions: { file: sessions.sqlite }
  record: { folder: record }
  backends: { app: { urls: [${app.url}] } }
  routes: [{ id: all, path: /*, allow: [{ signed-in: true }] }]
`
  await writeFile(site, edit(yaml))
  await writeFile(join(folder, 'gate.pem'), chainPem)
  await writeFile(join(folder, 'gate.key'), keyPem, { mode: 0o600 })
  return { folder, site, origin: `https://localhost:${port}`, rootPem: pki.rootPem }
}

const env = { GATE_SECRET: 'a-secret-of-this-test' }

/** Runs the verb until the test has looked at it; the exit code is that of Ctrl-C. */
async function withTenant(
  t: TestContext,
  own: Awaited<ReturnType<typeof ownGate>>,
  misbehave: string | undefined,
  look: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const { shell, written } = caughtShell(own.folder, { env, signal: stop.signal })
  const options = { site: own.site, root: 'tenant-root.pem', ...(misbehave !== undefined && { misbehave }) }
  const ended = runLabTenant(options, shell)
  const isUp = misbehave === undefined ? /^People: /m : /^From now on: /m
  while (!isUp.test(written.stdout)) {
    await Promise.race([ended.then((code) => assert.fail(`it ended with ${code}`)), new Promise(setImmediate)])
  }
  const loaded = await siteFrom(own.site, shell, false)
  const { shell: own2 } = caughtShell(own.folder, { env })
  const serving = await openServing(servedGate(loaded), loaded, own2, { say: () => {} })
  t.after(() => serving.close())
  try {
    await look()
  } finally {
    await serving.close()
    stop.abort()
  }
  assert.equal(await ended, 130)
  assert.match(written.stdout, /Stopped; nothing is left running\.\n$/)
}

async function signIn(own: Awaited<ReturnType<typeof ownGate>>): Promise<string> {
  const tenantRoot = await readFile(join(own.folder, 'tenant-root.pem'), 'utf8')
  const authority = /authority: (\S+)/.exec(await readFile(own.site, 'utf8'))?.[1] ?? ''
  await using browser = new PlainBrowser(`${own.rootPem}\n${tenantRoot}`, own.origin, authority)
  const page = await browser.open(`${own.origin}/.postern/sign-in?return=%2Fteam`)
  return (await browser.open(page.url, { person: people.ordinary.id })).text
}

test('somebody signs in at a gate of one’s own with the tenant of this machine', async (t) => {
  const own = await ownGate(t)
  await withTenant(t, own, undefined, async () => assert.match(await signIn(own), /Olga Ordinary/))
  // Its root is written anew at the next start.
  await withTenant(t, own, 'wrong-audience', async () => assert.match(await signIn(own), /You are not signed in/))
})

const refused: readonly [what: string, edit: (yaml: string) => string, says: RegExp][] = [
  [
    'a gate with Entra ID itself',
    (yaml) => yaml.replace(/ {2}authority: .*\n/, ''),
    /write authority: https:\/\/localhost:8444/,
  ],
  [
    'a tenant by its name',
    (yaml) => yaml.replace(/tenant: 2.*/, 'tenant: contoso.onmicrosoft.com'),
    /no id of a tenant/,
  ],
  ['a gate without a sign-in', (yaml) => yaml.replace(/ {2}sign-in: .*\n/, ''), /no gate that people sign in to/],
  ['a secret that is not set', (yaml) => yaml.replace('env:GATE_SECRET', 'env:NO_SECRET'), /NO_SECRET is not set/],
]
for (const [what, edit, says] of refused) {
  test(`${what} is told what is missing`, async (t) => {
    const own = await ownGate(t, edit)
    const { shell } = caughtShell(own.folder, { env })
    await assert.rejects(runLabTenant({ site: own.site, root: 'tenant-root.pem' }, shell), says)
  })
}

test('a file that is no certificate is not written over', async (t) => {
  const own = await ownGate(t)
  const { shell } = caughtShell(own.folder, { env })
  await assert.rejects(runLabTenant({ site: own.site, root: 'gate.yaml' }, shell), /is no single certificate/)
  assert.match(await readFile(own.site, 'utf8'), /^site: own/)
})

test('a word that no rehearsal has is told the nearest one, and each has a name of its own', async (t) => {
  const { shell } = caughtShell('/')
  const options = { site: 'x', root: 'y', misbehave: 'key-rotated' }
  await assert.rejects(runLabTenant(options, { ...shell, signal: t.signal }), /keys-rotated/)
  assert.equal(new Set(rehearsals.map(({ id }) => id)).size, rehearsals.length)
})
