import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  hostileTexts,
  poisonedPermits,
  sampleDenials,
  sampleOptions,
  samplePermits,
} from '../../../../test/samplePermits.ts'
import { askPac } from '../../../net/pac.ts'
import type { WriteOptions } from '../../writer.ts'
import { write } from './index.ts'

const options: WriteOptions = { ...sampleOptions, proxy: 'http://proxy.corp.example:3128' }
const notOverTcp = samplePermits.filter(({ transport }) => transport !== 'tcp').map(({ id }) => id)
const withoutName = ['wap01-to-adfs-tcp-443', 'clients-to-adfs-tcp-49443']

/** The first way that the script gives, as a browser would ask it. */
async function wayOf(script: string, url: string): Promise<string> {
  const means = { resolve: async () => undefined, ownAddress: '10.1.0.10' }
  const limits = { signal: new AbortController().signal, timeoutMs: 60_000 }
  const answer = await askPac(script, new URL(url), means, limits)
  if (answer.kind !== 'routes') assert.fail(answer.reason)
  assert.deepEqual(answer.resolved, [])
  return answer.routes
    .map((route) => (route.kind === 'direct' ? 'direct' : `${route.type} ${route.host}:${route.port}`))
    .join()
}

function scriptOf(given: Partial<WriteOptions> = {}): string {
  return write(samplePermits, sampleDenials, { ...options, ...given }).files[0]?.text ?? ''
}

const toProxy = 'http proxy.corp.example:3128'
/** What is asked, and whether the permits have it. */
const questions: readonly (readonly [url: string, isSent: boolean])[] = [
  ['https://login.microsoftonline.com/common', true],
  ['https://login.microsoftonline.com./', true],
  ['https://LOGIN.microsoftonline.com/', true],
  ['https://login.microsoftonline.com:8443/', false],
  ['http://login.microsoftonline.com/', false],
  ['https://x.login.microsoftonline.com/', false],
  ['https://evil-login.microsoftonline.com/', false],
  ['https://login.microsoftonline.com.evil.example/', false],
  ['https://tenant.servicebus.windows.net:5671/', true],
  ['https://a.b.servicebus.windows.net/', true],
  ['https://servicebus.windows.net/', false],
  ['https://xservicebus.windows.net/', false],
  ['https://a.msappproxy.net/', true],
  ['http://crl.microsoft.com/pki/crl', true],
  ['https://crl.microsoft.com/', false],
  ['http://evil.example:80/http://crl.microsoft.com/', false],
  ['https://www.example.com/', false],
  ['https://constructor/', false],
]

test('a script sends exactly the names and ports of the permits to the proxy, and the rest directly', async () => {
  const script = scriptOf()
  for (const [url, isSent] of questions) assert.equal(await wayOf(script, url), isSent ? toProxy : 'direct', url)
  assert.match(script, /^ {2}\/\/ \(pta-crl\) certificate revocation lists$/m)
})

test('what is inside goes directly where all the rest is sent to the proxy', async () => {
  const script = scriptOf({ otherwise: 'proxy', proxy: 'https://user@[2001:db8::1]:8080/' })
  const ways = { 'https://www.example.com/': 'https 2001:db8::1:8080', 'http://intranet/': 'direct' }
  for (const [url, way] of Object.entries(ways)) assert.equal(await wayOf(script, url), way)
  for (const host of ['10.1.2.3', '172.31.0.1', '192.168.1.1', '[fd00::1]', '127.0.0.1']) {
    assert.equal(await wayOf(script, `http://${host}/`), 'direct', host)
  }
  for (const host of ['172.32.0.1', '11.0.0.1', '10.1.2.3.example', '[2001:db8::5]']) {
    assert.equal(await wayOf(script, `http://${host}/`), 'https 2001:db8::1:8080', host)
  }
})

test('what a script cannot say is told: other transports, addresses without a name, and all of it without a proxy', () => {
  const { notSaid } = write(samplePermits, sampleDenials, options)
  assert.deepEqual(new Set(notSaid.map(({ permit }) => permit)), new Set([...notOverTcp, ...withoutName]))
  for (const proxy of ['ftp://proxy:21', 'http://', 'http://a b/', 'http://"+x+"/']) {
    assert.equal(
      new Set(write(samplePermits, [], { ...options, proxy }).notSaid.map(({ permit }) => permit)).size,
      samplePermits.length,
    )
  }
  const { notSaid: all, files } = write(samplePermits, [], sampleOptions)
  assert.equal(new Set(all.map(({ permit }) => permit)).size, samplePermits.length)
  assert.doesNotMatch(files[0]?.text ?? '', /PROXY/)
})

for (const [at, text] of hostileTexts.entries()) {
  test(`a script answers alike whatever people wrote beside the permits (text ${at + 1})`, async () => {
    const given = { ...options, site: text, on: text }
    const script =
      write(poisonedPermits(samplePermits, text), poisonedPermits(sampleDenials, text), given).files[0]?.text ?? ''
    const code = (whole: string): string => whole.replace(/^\s*\/\/.*$/gm, '')
    assert.equal(code(script), code(scriptOf()))
    assert.equal(await wayOf(script, 'https://login.microsoftonline.com/'), toProxy)
  })
}
