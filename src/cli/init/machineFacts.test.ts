import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts } from '../../../test/fakeMachine.ts'
import { fakeMachine } from '../../../test/fakeMachine.ts'
import { machineFacts } from './machineFacts.ts'

const limits = { signal: new AbortController().signal, timeoutMs: 3000 }
const factsOf = (facts: Facts) => machineFacts(fakeMachine(facts), limits)

/** A DNS in which the domain has two controllers, the first of which is the name server. */
const withControllers: NonNullable<Facts['lookup']> = ({ name, type }) => {
  if (type === 'SRV') {
    assert.equal(name, '_ldap._tcp.dc._msdcs.corp.example')
    return { answers: ['0 100 389 dc01.corp.example', '0 100 389 DC02.corp.example.'] }
  }
  return { answers: [name === 'dc01.corp.example' ? '10.1.0.5' : '10.1.0.6'] }
}

test('name, addresses, domain, name servers and domain controllers come from the machine and its DNS', async () => {
  assert.deepEqual(await factsOf({ lookup: withControllers }), {
    self: { key: 'connect01', name: 'connect01.corp.example', addresses: ['10.1.0.10'], roles: [] },
    domain: { name: 'corp.example', from: '/etc/resolv.conf' },
    controllers: [
      { key: 'dc01', name: 'dc01.corp.example', addresses: ['10.1.0.5'], roles: ['domain-controller', 'dns-server'] },
      { key: 'dc02', name: 'dc02.corp.example', addresses: ['10.1.0.6'], roles: ['domain-controller'] },
    ],
    resolvers: ['10.1.0.5'],
    remarks: [],
  })
})

test('a machine that is a domain controller itself is told so', async () => {
  const facts = await factsOf({ lookup: withControllers, means: { hostName: 'dc02.corp.example' } })
  assert.deepEqual(facts.self.roles, ['domain-controller'])
  assert.deepEqual(
    facts.controllers.map(({ key }) => key),
    ['dc01'],
  )
})

test('a domain without controllers in DNS has none', async () => {
  const { controllers, domain } = await factsOf({ lookup: () => ({ outcome: 'name-error', answers: [] }) })
  assert.deepEqual([controllers, domain?.name], [[], 'corp.example'])
})

test('where the domain is known from: Windows before resolv.conf before the host name', async () => {
  const environment = { USERDNSDOMAIN: 'CORP.EXAMPLE' }
  assert.deepEqual((await factsOf({ means: { environment } })).domain, { name: 'corp.example', from: 'USERDNSDOMAIN' })
  const files = { '/etc/resolv.conf': 'search .\n' }
  assert.equal((await factsOf({ files })).domain?.from, 'the host name')
  assert.equal((await factsOf({ files, means: { hostName: 'connect01' } })).domain, undefined)
})

test('a stub on loopback is passed over for the servers behind it', async () => {
  const means = { nameServers: ['127.0.0.53'] }
  const behind = { '/run/systemd/resolve/resolv.conf': '# x\nnameserver 10.1.0.6\nnameserver fe80::1%eth0\n' }
  assert.deepEqual((await factsOf({ means, files: behind })).resolvers, ['10.1.0.6'])
  assert.deepEqual((await factsOf({ means })).resolvers, [])
})

test('a proxy is taken over without its password, and that there is one is told', async () => {
  const environment = { HTTPS_PROXY: 'http://svc:hunter2@proxy.corp.example:3128' }
  const facts = await factsOf({ means: { environment } })
  assert.deepEqual(facts.proxy, { url: 'http://proxy.corp.example:3128', from: 'HTTPS_PROXY', asksWho: true })
})

const secret: readonly Readonly<Record<string, string>>[] = [
  { HTTPS_PROXY: 'http://svc:hunter2@proxy' },
  { HTTPS_PROXY: 'http://svc:hunter2' },
  { HTTPS_PROXY: 'http://svc%3Ahunter2%40proxy' },
  { HTTPS_PROXY: 'socks5://svc:hunter2@proxy' },
  { HTTPS_PROXY: 'http://svc:hunter2@pro xy' },
]

for (const environment of secret) {
  test(`no password is in what is known by ${JSON.stringify(environment)}`, async () => {
    assert.doesNotMatch(JSON.stringify(await factsOf({ means: { environment } })), /hunter2/)
  })
}

test('a SOCKS proxy, a script and another proxy are remarks', async () => {
  const socks = await factsOf({ means: { environment: { ALL_PROXY: 'socks5://proxy.corp.example' } } })
  assert.deepEqual([socks.proxy, socks.remarks], [undefined, ['ALL_PROXY names a proxy that is none for HTTP']])
  const windows = await factsOf({
    means: { platform: 'win32', environment: { HTTPS_PROXY: 'http://a.corp.example:1' } },
    printed: {
      'netsh winhttp show advproxy':
        '{"Proxy":"b.corp.example:2","ProxyBypass":"","AutoconfigUrl":"http://svc:hunter2@pac.corp.example/p.pac","AutoDetect":true}',
    },
  })
  assert.equal(windows.proxy?.url, 'http://a.corp.example:1')
  assert.deepEqual(windows.remarks, [
    'netsh winhttp names a script (http://pac.corp.example/p.pac), postern doctor says which way it sends',
    'netsh winhttp names another proxy: http://b.corp.example:2',
  ])
})

test('a host name that cannot be a key, or means something else, is not taken', async () => {
  for (const hostName of ['internet', '-x', '']) {
    assert.equal((await factsOf({ means: { hostName } })).self.key, 'this-machine')
  }
})
