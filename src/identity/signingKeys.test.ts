import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import { authorities, configurationUrl, issuerOf } from './authorities.ts'
import { fetchAgainAfterMs, keyLifetimeMs, mostKeys, refreshAfterMs, retryAfterMs, SigningKeys } from './signingKeys.ts'

const tenant = '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const authority = authorities.worldwide
const place = 'https://login.microsoftonline.com/keys'
const { publicKey } = await generateKeyPair('RS256', { extractable: true })
const { n, e } = await exportJWK(publicKey)
const key = (kid: string, over: object = {}) => ({ kty: 'RSA', use: 'sig', kid, n, e, ...over })

/** Keys of a tenant at a time that can be moved, with what is published and how often it was fetched. */
function keysAt(published: unknown, configuration: object = {}) {
  const wire = {
    now: 1_795_000_000_000,
    published,
    fetched: 0,
    fails: false,
    configuration: { issuer: issuerOf(tenant, '2.0', authority), jwks_uri: place, ...configuration },
  }
  const keys = new SigningKeys({
    tenant,
    version: '2.0',
    authority,
    now: () => wire.now,
    fetchJson: async (url) => {
      await Promise.resolve()
      if (wire.fails) throw new Error('no way there')
      if (url === configurationUrl(tenant, '2.0', authority)) return wire.configuration
      assert.equal(url, place)
      wire.fetched += 1
      return wire.published
    },
  })
  const find = async (id: string) => {
    const found = await keys.find(id)
    return typeof found === 'string' ? found : 'found'
  }
  return { wire, keys, find }
}

test('keys are fetched once for all who wait for them', async () => {
  const { wire, find } = keysAt({ keys: [key('a')] })
  assert.deepEqual(await Promise.all([find('a'), find('a'), find('b')]), ['found', 'found', 'unknown'])
  assert.equal(wire.fetched, 1)
})

test('an unknown id has keys fetched again after five minutes, and not before, whoever makes ids up', async () => {
  const { wire, find } = keysAt({ keys: [key('a')] })
  await find('a')
  for (let at = 0; at < 50; at += 1) assert.equal(await find(`made-up-${at}`), 'unknown')
  assert.equal(wire.fetched, 1)
  wire.published = { keys: [key('b')] }
  wire.now += fetchAgainAfterMs - 1
  assert.equal(await find('b'), 'unknown')
  wire.now += 1
  assert.equal(await find('b'), 'found')
  assert.equal(wire.fetched, 2)
})

test('half of a key set takes nothing away: what was published is merged, and kept for a day', async () => {
  const { wire, keys, find } = keysAt({ keys: [key('a'), key('b')] })
  await find('a')
  wire.published = { keys: [key('b'), key('c')] }
  wire.now += fetchAgainAfterMs
  assert.equal(await find('c'), 'found')
  assert.deepEqual(new Set(keys.ids), new Set(['a', 'b', 'c']))
  wire.now += keyLifetimeMs - fetchAgainAfterMs
  assert.equal(await find('a'), 'unknown')
  assert.equal(await find('b'), 'found')
})

test('while nothing can be fetched the keys of the last day stay good', async () => {
  const { wire, find } = keysAt({ keys: [key('a')] })
  await find('a')
  wire.fails = true
  wire.now += keyLifetimeMs - 1
  assert.equal(await find('a'), 'found')
  wire.now += 1
  assert.equal(await find('a'), 'unreachable')
})

test('after an hour keys are fetched anew beside a verification that does not wait', async () => {
  const { wire, keys, find } = keysAt({ keys: [key('a')] })
  await find('a')
  wire.published = { keys: [key('a'), key('b')] }
  wire.now += refreshAfterMs
  assert.equal(await find('a'), 'found')
  assert.deepEqual(keys.ids, ['a'])
  assert.equal(await find('b'), 'found')
  assert.equal(wire.fetched, 2)
})

test('a fetch that failed is tried again soon, and not for everybody who asks', async () => {
  const { wire, find } = keysAt({ keys: [key('a')] })
  wire.fails = true
  assert.deepEqual(await Promise.all([find('a'), find('b')]), ['unreachable', 'unreachable'])
  wire.fails = false
  assert.equal(await find('a'), 'unreachable')
  assert.equal(wire.fetched, 0)
  wire.now += retryAfterMs
  assert.equal(await find('a'), 'found')
})

test('a clock that was set back keeps nobody from fetching', async () => {
  const { wire, find } = keysAt({ keys: [key('a')] })
  await find('a')
  wire.published = { keys: [key('b')] }
  wire.now -= 3_600_000
  assert.equal(await find('b'), 'found')
})

test('what was published while the clock was ahead lasts a day, and not until that time', async () => {
  const { wire, find } = keysAt({ keys: [key('a')] })
  wire.now += 365 * keyLifetimeMs
  await find('a')
  wire.now -= 365 * keyLifetimeMs
  wire.published = { keys: [key('b')] }
  assert.equal(await find('b'), 'found')
  assert.equal(await find('a'), 'found')
  wire.now += keyLifetimeMs
  assert.equal(await find('a'), 'unknown')
})

const elsewhere: readonly [what: string, configuration: object][] = [
  ['the configuration of another issuer', { issuer: 'https://login.microsoftonline.com/other/v2.0' }],
  ['keys at another host', { jwks_uri: 'https://keys.example/keys' }],
  ['keys at a host of a longer name', { jwks_uri: 'https://login.microsoftonline.com.evil.example/keys' }],
  ['keys in the clear', { jwks_uri: 'http://login.microsoftonline.com/keys' }],
  ['keys at another port', { jwks_uri: 'https://login.microsoftonline.com:8443/keys' }],
  ['keys with a name and a password', { jwks_uri: 'https://a:b@login.microsoftonline.com/keys' }],
  ['no place for keys', { jwks_uri: undefined }],
]
for (const [what, configuration] of elsewhere) {
  test(`${what} is not followed`, async () => {
    const { wire, find } = keysAt({ keys: [key('a')] }, configuration)
    assert.equal(await find('a'), 'unreachable')
    assert.equal(wire.fetched, 0)
  })
}

const odd: readonly unknown[] = [
  null,
  [],
  'keys',
  { keys: 'a' },
  { keys: [null, 1, 'a', [], {}] },
  { keys: [key('a', { kty: 'EC' })] },
  { keys: [key('a', { kty: 'oct', k: 'c2VjcmV0' })] },
  { keys: [key('a', { use: 'enc' })] },
  { keys: [key('a', { n: 'AQAB' })] },
  { keys: [key('a', { n: '!'.repeat(400) })] },
  { keys: [key('a', { e: undefined })] },
  { keys: [key('')] },
]
for (const published of odd) {
  test(`no key comes of ${JSON.stringify(published)?.slice(0, 60)}`, async () => {
    assert.equal(await keysAt(published).find('a'), 'unreachable')
  })
}

test('what is published without bound is not kept without bound', async () => {
  const { wire, keys, find } = keysAt({ keys: Array.from({ length: 1500 }, (_, at) => key(`a${at}`)) })
  await find('a0')
  assert.equal(keys.ids.length, mostKeys)
  wire.published = { keys: Array.from({ length: 10 }, (_, at) => key(`b${at}`)) }
  wire.now += fetchAgainAfterMs
  assert.equal(await find('b9'), 'found')
  assert.equal(keys.ids.length, mostKeys)
})
