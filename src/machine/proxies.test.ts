import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Facts } from '../../test/fakeMachine.ts'
import { fakeMachine, nothingAsked } from '../../test/fakeMachine.ts'
import { environmentProxy } from '../wire/environmentProxy.ts'
import { winHttpProxy } from '../wire/winHttpProxy.ts'
import type { Asked } from './means.ts'
import { machineConfigFound, placeWords, proxies } from './proxies.ts'

const bounds = { signal: new AbortController().signal, timeoutMs: 20_000 }
const look = (facts: Facts, asked: Partial<Asked> = {}) =>
  proxies.look(fakeMachine(facts), { ...nothingAsked, ...asked }, bounds)
const environment = (variables: Readonly<Record<string, string>>): Facts => ({ means: { environment: variables } })

const winHttp = {
  setting: winHttpProxy(
    'Current WinHTTP proxy settings:\n\n    Proxy Server(s) :  other.corp.example:8080\n    Bypass List     :  (none)\n',
  ),
  followedBy: 'services',
}

test('no setting anywhere: straight out, and no table', async () => {
  const found = await look({})
  assert.deepEqual(
    [found.state, found.says, found.table],
    ['ok', 'no proxy is set: requests go straight out', undefined],
  )
})

test('one source: the way of each destination stands beside it', async () => {
  const found = await look(environment({ HTTPS_PROXY: 'http://proxy.corp.example:3128' }))
  assert.deepEqual(found.table?.rows, [
    ['HTTPS_PROXY', 'curl, git, Python, Go, .NET on Linux', 'proxy proxy.corp.example:3128', 'straight out'],
  ])
})

test('two sources that differ are named, each with its way', async () => {
  const found = await look(environment({ HTTPS_PROXY: 'proxy.corp.example:3128' }), { settings: [winHttp] })
  assert.equal(found.state, 'limits')
  assert.equal(
    found.says,
    'the sources differ for login.microsoftonline.com: proxy proxy.corp.example:3128 (HTTPS_PROXY), proxy other.corp.example:8080 (netsh winhttp)',
  )
  assert.deepEqual(found.figures?.['differ'], ['login.microsoftonline.com:443', 'crl.microsoft.com:80'])
})

test('two sources that agree are no trouble', async () => {
  const found = await look(environment({ ALL_PROXY: 'other.corp.example:8080' }), { settings: [winHttp] })
  assert.deepEqual([found.state, found.says], ['ok', '2 sources agree: all go by proxy other.corp.example:8080'])
})

test('a script that is given is run for each destination', async () => {
  const text = `function FindProxyForURL(url, host) {
    return shExpMatch(host, "*.microsoftonline.com") ? "DIRECT" : "PROXY p.corp.example:3128; DIRECT" }`
  const found = await look({}, { script: { from: 'proxy.pac', text } })
  assert.deepEqual(found.table?.rows[1]?.slice(2), ['straight out', 'proxy p.corp.example:3128, then straight out'])
  assert.match(found.says, /^the sources differ for crl\.microsoft\.com/)
})

test('a script that a setting names is fetched once and run', async () => {
  const asked: string[] = []
  const setting = { ...winHttp.setting, script: 'http://svc:hunter2@pac.corp.example/proxy.pac?token=hunter2' }
  const found = await look(
    {
      means: {
        fetchText: async (url) => {
          asked.push(url.hostname)
          return { kind: 'text', text: 'function FindProxyForURL() { return "PROXY p.corp.example:3128" }' }
        },
      },
    },
    { settings: [{ setting, followedBy: 'services' }] },
  )
  assert.deepEqual(asked, ['pac.corp.example'])
  const [from, , way] = found.table?.rows[1] ?? []
  assert.deepEqual(
    [from, way],
    ['netsh winhttp, script http://pac.corp.example/proxy.pac', 'proxy p.corp.example:3128'],
  )
})

test('detection is asked once when a setting leaves the choice to it, and not otherwise', async () => {
  const asked: string[] = []
  const means = {
    findWpad: async (domain: string) => {
      asked.push(domain)
      return { kind: 'none', name: `wpad.${domain}` } as const
    },
  }
  await look({ means })
  assert.deepEqual(asked, [])
  const setting = { ...winHttp.setting, detects: true }
  const found = await look({ means }, { settings: [{ setting, followedBy: 'services' }] })
  assert.deepEqual(asked, ['corp.example'])
  assert.deepEqual(
    found.table?.rows.map(([from]) => from),
    ['environment variables (none set)', 'netsh winhttp', 'WPAD of corp.example'],
  )
})

test('detection without a known domain says so', async () => {
  const found = await look(
    { files: { '/etc/resolv.conf': 'nameserver 10.1.0.5\n' }, means: { hostName: 'connect01' } },
    { wpad: true },
  )
  assert.match(found.says, /no domain is known/)
})

test('on Windows netsh and machine.config are read by themselves', async () => {
  const config = 'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Config\\machine.config'
  const found = await look({
    means: { platform: 'win32' },
    printed: {
      'netsh winhttp show advproxy':
        'x\n{"Proxy":"a.corp.example:1","ProxyBypass":"","AutoconfigUrl":"","AutoDetect":false}',
    },
    files: {
      [config]:
        '<configuration><system.net><defaultProxy><proxy proxyaddress="http://b.corp.example:2"/></defaultProxy></system.net></configuration>',
    },
  })
  assert.deepEqual(
    found.table?.rows.map((row) => row[2]),
    ['straight out', 'proxy a.corp.example:1', 'proxy b.corp.example:2'],
  )
})

const secrets: readonly Readonly<Record<string, string>>[] = [
  { HTTPS_PROXY: 'http://svc:hunter2@proxy.corp.example:3128' },
  { HTTPS_PROXY: 'svc:hunter2@proxy.corp.example' },
  { HTTPS_PROXY: 'http://svc:hunter2' },
  { HTTPS_PROXY: 'http://svc:hunter2@' },
  { HTTPS_PROXY: 'http://svc%3Ahunter2%40proxy' },
  { HTTPS_PROXY: 'http://svc hunter2@proxy' },
  { HTTPS_PROXY: 'http:/svc:hunter2@proxy' },
  { HTTP_PROXY: 'gopher://svc:hunter2@proxy' },
  { ALL_PROXY: 'socks5://svc:hunter2@proxy', NO_PROXY: 'svc:hunter2@x' },
]

for (const variables of secrets) {
  test(`no password is in what is found of ${JSON.stringify(variables)}`, async () => {
    assert.doesNotMatch(JSON.stringify(await look(environment(variables))), /hunter2/)
  })
}

test('a script that answers with a password, or throws one, passes none on', async () => {
  for (const text of [
    'function FindProxyForURL() { return "PROXY svc:hunter2@proxy:3128" }',
    'function FindProxyForURL() { throw new Error("http://svc:hunter2@proxy") }',
  ]) {
    assert.doesNotMatch(JSON.stringify(await look({}, { script: { from: 'proxy.pac', text } })), /hunter2/)
  }
})

test('a password in a machine.config is not passed on, well-formed or not', () => {
  for (const text of [
    '<configuration><system.net><defaultProxy><proxy proxyaddress="http://svc:hunter2@proxy"/></defaultProxy></system.net></configuration>',
    '<configuration><proxy proxyaddress="http://svc:hunter2@proxy"',
  ]) {
    assert.doesNotMatch(JSON.stringify(machineConfigFound(text, 'machine.config')), /hunter2/)
  }
})

test('that a setting holds a password is said, with what to do', async () => {
  const found = await look(environment({ HTTPS_PROXY: 'http://svc:hunter2@proxy', HTTP_PROXY: 'http://proxy:80' }))
  assert.equal(found.state, 'limits')
  assert.match(found.says, /HTTPS_PROXY.* holds a user name or password/)
  assert.match(found.next ?? '', /take the password out/)
})

test('any value of the variables is told without what stands before its last @', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 30 }), async (rest) => {
      const value = `svc:hunter2@${rest.replaceAll('hunter2', '')}`
      assert.doesNotMatch(JSON.stringify(environmentProxy({ HTTPS_PROXY: value })), /hunter2/)
      assert.doesNotMatch(JSON.stringify(await look(environment({ HTTPS_PROXY: value }))), /hunter2/)
    }),
    { numRuns: 200 },
  )
})

test('a host that is no name is not repeated', () => {
  assert.equal(placeWords({ scheme: 'http', host: 'svc%3ahunter2', port: 80 }), 'proxy (a host whose name is none):80')
  assert.equal(placeWords({ scheme: 'https', host: '2001:db8::5', port: 443 }), 'TLS proxy [2001:db8::5]:443')
})
