import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { silentShell } from '../../test/checkLab.ts'
import { cloudFlow } from '../../test/observed.ts'
import type { LoadedSite } from '../config/index.ts'
import { loadSite } from '../config/loadSite.ts'
import { readLabel } from '../config/siteTexts.ts'
import { proxiesOf, withoutUnspoken } from './proxiesOf.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

const throughEgress = cloudFlow({ via: 'egress' })

async function loaded(t: TestContext, proxies: string): Promise<LoadedSite> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-proxies-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(
    join(folder, 'postern.yaml'),
    `site: a\nhosts: { connect01: { roles: [entra-connect] } }\nproxies:\n${proxies}`,
  )
  const read = await loadSite('postern.yaml', folder)
  assert.ok('ok' in read, JSON.stringify(read))
  return read.ok
}

const shell = (env: Shell['env'] = {}): Shell => ({ ...silentShell(new AbortController().signal), env })

test('a proxy has its place, and of the one who asks what the first colon parts', async (t) => {
  const site = await loaded(t, '  egress: { url: http://Proxy:3128, used-by: [connect01], credentials: env:P }\n')
  const read = await proxiesOf(site, [throughEgress], shell({ P: 'svc:a:b' }))
  assert.deepEqual(read.places, { egress: { host: 'proxy', port: 3128 } })
  assert.deepEqual(read.credentials, { egress: { user: 'svc', password: 'a:b' } })
  const bare = await proxiesOf(site, [throughEgress], shell({ P: 'svc' }))
  assert.deepEqual(bare.credentials, { egress: { user: 'svc', password: '' } })
})

test('a secret that a flow needs and that is not there is bad usage, at its place in the file', async (t) => {
  const site = await loaded(
    t,
    '  egress: { url: http://proxy:3128, used-by: [connect01], credentials: env:P }\n' +
      '  second: { url: http://second:3128, used-by: [connect01],\n            credentials: file:none }\n',
  )
  const both = [throughEgress, cloudFlow({ via: 'second' })]
  await assert.rejects(proxiesOf(site, both, shell()), (error) => {
    assert.ok(error instanceof UsageError)
    assert.deepEqual(
      error.lines.map((line) => line.split(', ')[0]?.replace(/: ENOENT.*|: there.*|: no such.*/, '')),
      ['postern.yaml:4:72: P is not set', 'postern.yaml:6:26: "none" cannot be read'],
    )
    return true
  })
})

test('a secret that no flow of this machine needs may be missing', async (t) => {
  const site = await loaded(t, '  egress: { url: http://proxy:3128, used-by: [connect01], credentials: env:P }\n')
  const read = await proxiesOf(site, [cloudFlow()], shell())
  assert.deepEqual(Object.keys(read.places), ['egress'])
  assert.deepEqual(read.credentials, {})
})

test('a proxy that is spoken to under TLS is no place, and what goes through it says why it is not asked', async (t) => {
  const site = await loaded(t, '  egress: { url: https://proxy:3129, used-by: [connect01], credentials: env:P }\n')
  const { places } = await proxiesOf(site, [throughEgress], shell())
  assert.deepEqual(places, {})
  const { target } = withoutUnspoken(throughEgress, places)
  assert.equal(target.undialled, 'no probe yet: the proxy egress is spoken to under TLS')
  assert.equal(withoutUnspoken(cloudFlow(), places).target.undialled, undefined)
  const spoken = { egress: { host: 'proxy', port: 3128 } }
  assert.equal(withoutUnspoken(throughEgress, spoken).target.undialled, undefined)
})

test('the proxy of the environment is one to compare with, unless it is one of the site', async (t) => {
  const site = await loaded(t, '  egress: { url: http://proxy.corp.example:3128, used-by: [connect01] }\n')
  const named = async (env: Shell['env'], of: readonly LoadedSite[] = [site]): Promise<readonly string[]> =>
    Object.keys((await proxiesOf(of[0], [], shell(env))).places)
  assert.deepEqual(await named({}), ['egress'])
  assert.deepEqual(await named({ HTTPS_PROXY: 'http://other:3128' }), ['egress', '$HTTPS_PROXY'])
  assert.deepEqual(await named({ https_proxy: 'http://PROXY.corp.example:3128/' }), ['egress'])
  assert.deepEqual(await named({ HTTPS_PROXY: 'http://proxy.corp.example:8080' }), ['egress', '$HTTPS_PROXY'])
  assert.deepEqual(await named({ HTTPS_PROXY: 'https://proxy.corp.example:3129' }), ['egress'])
  assert.deepEqual(await named({ HTTPS_PROXY: 'http://other:3128' }, []), ['$HTTPS_PROXY'])
})

test('plain HTTP may have a proxy of its own in the environment', async () => {
  const read = await proxiesOf(
    undefined,
    [],
    shell({ https_proxy: 'http://one:3128', http_proxy: 'http://two:3128', no_proxy: '.corp.example' }),
  )
  const port = 3128
  for (const [name, place] of Object.entries(read.places)) {
    assert.deepEqual(place.setting?.bypass, [{ kind: 'domain', name: 'corp.example' }], name)
  }
  assert.deepEqual(
    Object.entries(read.places).map(([name, place]) => [name, place.host, place.port]),
    [
      ['$HTTPS_PROXY', 'one', port],
      ['$HTTP_PROXY', 'two', port],
    ],
  )
  const same = await proxiesOf(undefined, [], shell({ ALL_PROXY: 'http://one:3128' }))
  assert.deepEqual(Object.keys(same.places), ['$HTTPS_PROXY'])
})

test('what stands in the environment before the @ is shown to that proxy, and is no part of its place', async () => {
  const read = await proxiesOf(undefined, [], shell({ HTTPS_PROXY: 'http://svc:hunter%322@proxy:3128' }))
  assert.doesNotMatch(JSON.stringify(read.places), /hunter|svc/)
  assert.deepEqual(read.credentials, { $HTTPS_PROXY: { user: 'svc', password: 'hunter22' } })
  const site = await proxiesOf(undefined, [], shell({ HTTPS_PROXY: 'http://proxy:3128' }))
  assert.deepEqual(site.credentials, {})
})

test('a proxy of the site is shown what the site file says, and not what the environment does', async (t) => {
  const site = await loaded(t, '  egress: { url: http://proxy:3128, used-by: [connect01] }\n')
  const read = await proxiesOf(site, [], shell({ HTTPS_PROXY: 'http://svc:hunter2@proxy:3128' }))
  assert.deepEqual([Object.keys(read.places), read.credentials], [['egress'], {}])
})

test('a proxy of the site that is called like a variable keeps its place and its secret', async (t) => {
  const site = await loaded(
    t,
    '  HTTPS_PROXY: { url: http://one:3128, used-by: [connect01], credentials: env:P }\n' +
      '  HTTP_PROXY: { url: https://two:3129, used-by: [connect01] }\n',
  )
  const env = { P: 'svc:of-the-site', HTTPS_PROXY: 'http://other:3128', HTTP_PROXY: 'http://a:of-the-shell@third:8080' }
  const { places, credentials } = await proxiesOf(site, [cloudFlow({ via: 'HTTPS_PROXY' })], shell(env))
  assert.deepEqual(
    Object.entries(places).map(([name, { host }]) => [name, host, credentials[name]?.password]),
    [
      ['HTTPS_PROXY', 'one', 'of-the-site'],
      ['$HTTPS_PROXY', 'other', undefined],
      ['$HTTP_PROXY', 'third', 'of-the-shell'],
    ],
  )
})

test('no thing of the site can be called as the proxies of the environment are', async () => {
  const { places } = await proxiesOf(undefined, [], shell({ HTTPS_PROXY: 'http://a', HTTP_PROXY: 'http://b' }))
  const names = Object.keys(places)
  assert.equal(names.length, 2)
  for (const name of names) assert.ok(!('ok' in readLabel(name)), name)
})
