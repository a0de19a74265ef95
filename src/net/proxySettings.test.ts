import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Destination, ProxySetting } from '../wire/proxySetting.ts'
import type { ScriptMeans } from './proxySettings.ts'
import { settleWays, shownUrl, withoutSecrets } from './proxySettings.ts'

const limits = { signal: new AbortController().signal, timeoutMs: 20_000 }
const to: readonly Destination[] = [{ scheme: 'https', host: 'login.microsoftonline.com', port: 443 }]
const none: ProxySetting = { from: 'x', proxies: {}, bypass: [], detects: false, holdsCredentials: false, unread: [] }
const means: ScriptMeans = {
  ownAddress: '10.1.0.10',
  resolve: async () => undefined,
  fetch: async () => ({ kind: 'failed', why: 'the server answered 404' }),
}
const script = 'function FindProxyForURL() { return "PROXY p.corp.example:3128; DIRECT" }'

test('a fixed proxy and none are settled without a script', async () => {
  const proxy = { scheme: 'http', host: 'p.corp.example', port: 3128 } as const
  assert.deepEqual(await settleWays({ ...none, proxies: { https: proxy } }, to, means, limits), [
    { kind: 'proxy', proxy },
  ])
  assert.deepEqual(await settleWays(none, to, means, limits), [{ kind: 'direct' }])
})

test('a script decides before the proxy beside it, and is shown without its password and query', async () => {
  const setting = { ...none, script: 'http://svc:hunter2@pac.corp.example/a.pac?key=hunter2' }
  const [way] = await settleWays(setting, to, { ...means, fetch: async () => ({ kind: 'text', text: script }) }, limits)
  assert.equal(way?.kind === 'script' && way.script, 'http://pac.corp.example/a.pac')
  assert.deepEqual(way?.kind === 'script' && way.routes.map(({ kind }) => kind), ['proxy', 'direct'])
})

test('a script that cannot be had leaves the way unknown, with the reason', async () => {
  const setting = { ...none, script: 'http://svc:hunter2@pac.corp.example/a.pac' }
  assert.deepEqual(await settleWays(setting, to, means, limits), [
    { kind: 'unknown', why: 'http://pac.corp.example/a.pac: the server answered 404' },
  ])
  assert.deepEqual(await settleWays({ ...none, script: 'svc:hunter2@' }, to, means, limits), [
    { kind: 'unknown', why: '…@: the server answered 404' },
  ])
})

test('detection: not asked, nothing found, a script, and one that cannot be had', async () => {
  const setting = { ...none, detects: true }
  const detected = async (found: Awaited<ReturnType<NonNullable<ScriptMeans['detect']>>>) =>
    (await settleWays(setting, to, { ...means, detect: async () => found }, limits))[0]
  assert.deepEqual(await settleWays(setting, to, means, limits), [
    { kind: 'unknown', why: 'it detects, and detection was not asked' },
  ])
  assert.deepEqual(await detected({ kind: 'none', name: 'wpad.corp.example' }), { kind: 'direct' })
  const url = 'http://wpad.corp.example/wpad.dat'
  assert.equal((await detected({ kind: 'script', url, script }))?.kind, 'script')
  assert.deepEqual(await detected({ kind: 'failed', url, why: 'no answer in time' }), {
    kind: 'unknown',
    why: `${url}: no answer in time`,
  })
})

test('a script that loops ends, and is told apart from one that gives no way', async () => {
  const setting = { ...none, script: 'http://pac.corp.example/a.pac' }
  const fetch = async () => ({ kind: 'text', text: 'function FindProxyForURL() { while (true) {} }' }) as const
  const [way] = await settleWays(setting, to, { ...means, fetch }, { ...limits, timeoutMs: 400 })
  assert.match(way?.kind === 'unknown' ? way.why : '', /it loops/)
})

test('nothing that stands before an @ is shown, of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (rest) => {
      const others = rest.replaceAll('hunter2', '')
      for (const text of [`http://svc:hunter2@${others}`, `svc:hunter2@${others}`]) {
        assert.doesNotMatch(withoutSecrets(text), /hunter2/)
        assert.doesNotMatch(shownUrl(text), /hunter2/)
      }
    }),
  )
})
