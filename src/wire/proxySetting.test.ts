import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { environmentCredentials, environmentProxy } from './environmentProxy.ts'
import { machineConfigProxy } from './machineConfigProxy.ts'
import type { ProxySetting } from './proxySetting.ts'
import { credentialsIn, proxyPlaceOf, wayOf } from './proxySetting.ts'
import { winHttpAdvancedProxy, winHttpProxy } from './winHttpProxy.ts'

const login = { scheme: 'https', host: 'login.microsoftonline.com', port: 443 } as const

function sends(setting: ProxySetting | undefined, host: string = login.host, port = 443): string {
  if (setting === undefined) return 'no setting'
  const way = wayOf(setting, { scheme: port === 80 ? 'http' : 'https', host, port })
  return way.kind === 'proxy' ? `${way.proxy.scheme}://${way.proxy.host}:${way.proxy.port}` : way.kind
}

test('places are read with their usual ports, and no credentials come out', () => {
  assert.deepEqual(proxyPlaceOf('http://svc:hunter2@Proxy.corp.example:3128/'), {
    place: { scheme: 'http', host: 'proxy.corp.example', port: 3128 },
    holdsCredentials: true,
  })
  assert.equal(proxyPlaceOf('socks5h://[2001:DB8::1]')?.place.host, '2001:db8::1')
  assert.equal(proxyPlaceOf('https://proxy')?.place.port, 443)
  for (const behind of ['/x@y:1', '?x@y:1', '#x@y:1']) {
    const read = proxyPlaceOf(`http://proxy:3128${behind}`)
    assert.deepEqual([read?.place.host, read?.place.port, read?.holdsCredentials], ['proxy', 3128, false], behind)
  }
  for (const text of ['', 'http://', 'ftp://proxy', 'a b:3128', 'proxy:0', 'proxy:70000', 'http://user@']) {
    assert.equal(proxyPlaceOf(text), undefined, text)
  }
})

test('the environment is read as curl reads it', () => {
  const setting = environmentProxy({
    HTTPS_PROXY: 'http://upper:1',
    https_proxy: 'http://svc:hunter2@lower:3128',
    ALL_PROXY: 'http://all:8080',
    NO_PROXY: 'localhost, .corp.example,10.0.0.0/8 ,dc01:636,2001:db8::5',
  })
  assert.equal(sends(setting), 'http://lower:3128')
  assert.equal(sends(setting, 'crl.microsoft.com', 80), 'http://all:8080')
  const past = ['localhost', 'corp.example', 'dc01.corp.example', '10.1.2.3', '2001:db8::5']
  for (const host of past) assert.equal(sends(setting, host), 'direct', host)
  assert.equal(sends(setting, 'dc01', 636), 'direct')
  for (const host of ['dc01', 'notcorp.example', '11.1.2.3']) assert.notEqual(sends(setting, host), 'direct', host)
  assert.equal(setting?.holdsCredentials, true)
  assert.doesNotMatch(
    JSON.stringify(setting, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    /hunter2/,
  )
  assert.equal(environmentProxy({ HTTP_PROXY: '', PATH: '/bin' }), undefined)
  assert.equal(sends(environmentProxy({ HTTPS_PROXY: 'http://p', NO_PROXY: '*' })), 'direct')
})

test('netsh winhttp show proxy is read in any language', () => {
  const english = [
    '',
    'Current WinHTTP proxy settings:',
    '',
    '    Proxy Server(s) :  http=proxy.corp.example:3128;https=tls.corp.example:3129',
    '    Bypass List     :  *.corp.example;<local>;10.*',
    '',
  ].join('\r\n')
  const setting = winHttpProxy(english)
  assert.equal(sends(setting), 'http://tls.corp.example:3129')
  assert.equal(sends(setting, 'crl.microsoft.com', 80), 'http://proxy.corp.example:3128')
  for (const host of ['dc01.corp.example', 'dc01', '10.9.9.9']) assert.equal(sends(setting, host), 'direct', host)
  const german = [
    'Aktuelle WinHTTP-Proxyeinstellungen:',
    '    Proxyserver :  proxy:8080',
    '    Umgehungsliste     :  (Keine)',
  ].join('\n')
  assert.equal(sends(winHttpProxy(german)), 'http://proxy:8080')
  assert.equal(
    sends(winHttpProxy('Current WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n')),
    'direct',
  )
})

test('netsh winhttp show advproxy is read from its JSON', () => {
  const printed = `Current WinHTTP advanced proxy settings:\n\n{ "ProxyIsEnabled": true, "Proxy": "proxy:3128",
    "ProxyBypass": "<local>", "AutoConfigUrl": "http://pac.corp.example/proxy.pac", "AutoDetect": false }`
  const setting = winHttpAdvancedProxy(printed)
  assert.equal(sends(setting), 'script')
  assert.equal(setting?.script, 'http://pac.corp.example/proxy.pac')
  assert.equal(sends(winHttpAdvancedProxy('{"AutoDetect": true}')), 'script')
  assert.equal(winHttpAdvancedProxy('Access is denied.'), undefined)
})

function config(inside: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><configuration><system.net>${inside}</system.net></configuration>`
}

test('machine.config is read as .NET reads it', () => {
  const read = machineConfigProxy(
    config(`<defaultProxy enabled="true" useDefaultCredentials="true">
      <proxy usesystemdefault="true" proxyaddress="http://proxy.corp.example:3128" bypassonlocal="true" />
      <bypasslist><add address="[a-z]+\\.corp\\.example:443$" /></bypasslist>
    </defaultProxy>`),
    'machine.config',
  )
  assert.ok(read.kind === 'setting')
  assert.equal(read.sendsOwnCredentials, true)
  assert.equal(sends(read.setting), 'http://proxy.corp.example:3128')
  assert.equal(sends(read.setting, 'sts.corp.example'), 'direct')
  assert.equal(sends(read.setting, 'dc01'), 'direct')
})

const bypassed = (source: string): ProxySetting | undefined => {
  const text = config(
    `<defaultProxy><proxy proxyaddress="http://proxy:3128"/><bypasslist><add address="${source}"/></bypasslist></defaultProxy>`,
  )
  const read = machineConfigProxy(text, 'machine.config')
  return read.kind === 'setting' ? read.setting : undefined
}

for (const { source, host, past } of [
  { source: '[a-z]+\\.corp\\.example$', host: 'sts.corp.example', past: false },
  { source: '[a-z]+\\.corp\\.example', host: 'sts.corp.example', past: true },
  { source: '10\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}', host: '10.1.0.5', past: true },
  { source: '(.*\\.)?corp\\.example', host: 'sts.corp.example', past: true },
  { source: '.*corp.*', host: 'sts.corp.example', past: true },
  { source: '[(+*){1,9}]x', host: '(x', past: true },
  { source: '(sts|adfs|(?:dc|gate)0[1-9]|a|b|c|d|e)\\.(corp|lab)\\.example', host: 'gate01.lab.example', past: true },
  { source: '.*\\.privatelink\\.(database|blob)\\..*', host: 'a.privatelink.blob.example', past: true },
]) {
  test(`the bypass expression ${source} ${past ? 'lets' : 'does not let'} ${host} past`, () => {
    const setting = bypassed(source)
    assert.deepEqual(setting?.unread, [])
    assert.equal(sends(setting, host), past ? 'direct' : 'http://proxy:3128')
  })
}

for (const source of [
  '(([a-z]+)+)+#',
  '(a|a)*#',
  '(.*){9}#',
  '.*.*.*#',
  'a?'.repeat(30),
  '.{1,90}.{1,90}.{1,90}',
  `${'(a|a)'.repeat(26)}z`,
  `${'(?:b|(a|a|a)|c)'.repeat(12)}z`,
  `${'(a|a)'.repeat(17)}.{250}z`,
  `.*.*${'.'.repeat(280)}z`,
  '(.+).+\\1+#',
  '(?<x>a+)\\k<x>',
  'a'.repeat(501),
]) {
  test(`the bypass expression ${source.slice(0, 20)} may not come to an end, and is told`, () => {
    const setting = bypassed(source.replaceAll('<', '&lt;'))
    assert.deepEqual([setting?.bypass, setting?.unread.length], [[], 1])
    assert.equal(sends(setting, 'a'.repeat(250)), 'http://proxy:3128')
  })
}

test('every bypass expression comes to an end, whatever it is held against', () => {
  const parts = ['(', ')', '[', ']', 'a', 'b', '.', '*', '+', '?', '{1,}', '{2}', '|', '^', '$', '\\', '1']
  const wholes = ['(a|a)', '(?:a|b|(a|a))', '(a?|b)', '.{9}', 'a?', '.*']
  const some = fc.array(fc.constantFrom(...parts), { maxLength: 14 }).map((each) => each.join(''))
  const many = fc
    .tuple(fc.constantFrom(...wholes), fc.nat(40), fc.constantFrom('', ...wholes))
    .map(([whole, times, then]) => `${whole.repeat(times)}${then}z`)
  fc.assert(
    fc.property(fc.oneof(some, some, some, many), fc.constantFrom('a', 'ab', 'aab'), (source, unit) => {
      const setting = bypassed(source.replaceAll('<', '&lt;'))
      assert.ok(setting)
      assert.match(sends(setting, unit.repeat(80)), /^(direct|http:\/\/proxy:3128)$/)
    }),
    { numRuns: 2000 },
  )
})

const configs = [
  { text: config('<defaultProxy enabled="false"/>'), kind: 'setting' },
  { text: config('<defaultProxy><proxy autoDetect="true"/></defaultProxy>'), kind: 'setting' },
  { text: config('<defaultProxy/>'), kind: 'nothing' },
  { text: config('<defaultProxy><proxy usesystemdefault="true"/></defaultProxy>'), kind: 'nothing' },
  { text: '<configuration/>', kind: 'nothing' },
  { text: '<configuration>', kind: 'unreadable' },
  { text: '', kind: 'unreadable' },
  {
    text: '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><configuration>&b;</configuration>',
    kind: 'unreadable',
  },
] as const

for (const { text, kind } of configs) {
  test(`machine.config ${text.slice(0, 90)} is ${kind}`, () => {
    assert.equal(machineConfigProxy(text, 'machine.config').kind, kind)
  })
}

test('no reader throws, and every setting sends every request some way', () => {
  const any = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json())
  fc.assert(
    fc.property(any, any, fc.domain(), (text, other, host) => {
      const machine = machineConfigProxy(text, 'x')
      const settings = [
        environmentProxy({ HTTPS_PROXY: text, NO_PROXY: other }),
        winHttpProxy(`  a : ${text}\n  b : ${other}`),
        winHttpAdvancedProxy(text),
        machine.kind === 'setting' ? machine.setting : undefined,
      ]
      for (const setting of settings) {
        if (setting !== undefined) assert.match(sends(setting, host), /^(direct|script|(https?|socks):\/\/.+:\d+)$/)
      }
    }),
  )
})

for (const { text, user, password } of [
  { text: 'http://svc:hunter2@proxy:3128', user: 'svc', password: 'hunter2' },
  { text: 'svc:a@b:c@proxy', user: 'svc', password: 'a@b:c' },
  { text: 'HTTP://CORP%5Csvc:p%40ss@proxy:3128/', user: 'CORP\\svc', password: 'p@ss' },
  { text: 'http://svc@proxy:3128', user: 'svc', password: '' },
  { text: 'http://svc:hunter2@proxy:3128/x@y', user: 'svc', password: 'hunter2' },
  { text: 'http://proxy:3128/x@y' },
  { text: 'proxy:3128?x@y' },
  { text: 'proxy:3128#x@y' },
  { text: 'http://svc:100%@proxy', user: 'svc', password: '100%' },
  { text: 'http://proxy:3128' },
  { text: 'http://@proxy:3128' },
  { text: 'http://a%3Ab:c@proxy:3128' },
  { text: '' },
]) {
  test(`${JSON.stringify(text)} says ${user === undefined ? 'nobody' : `${user} and ${password}`}`, () => {
    assert.deepEqual(credentialsIn(text), user === undefined ? undefined : { user, password })
  })
}

test('whatever stands before an @ is credentials that Basic can say, or none', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl({ withQueryParameters: true })),
      (text) => {
        for (const written of [text, `http://${text}@proxy`]) {
          const known = credentialsIn(written)
          assert.ok(known === undefined || (!known.user.includes(':') && known.user.length <= written.length))
        }
      },
    ),
  )
})

test('who asks is taken from the variable that names the proxy', () => {
  const environment = { https_proxy: 'http://a:1@one', HTTPS_PROXY: 'http://b:2@two', ALL_PROXY: 'http://c:3@all' }
  assert.deepEqual(environmentCredentials(environment, 'https'), { user: 'a', password: '1' })
  assert.deepEqual(environmentCredentials(environment, 'http'), { user: 'c', password: '3' })
  assert.equal(environmentCredentials({}, 'http'), undefined)
})
