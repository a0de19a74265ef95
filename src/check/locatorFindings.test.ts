import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toController } from '../../test/controllers.ts'
import type { Draft } from '../../test/observed.ts'
import { context, filed, lookup } from '../../test/observed.ts'
import type { FlowReport } from '../model/report.ts'
import { locatorFindings } from './locatorFindings.ts'

const reported = (host: string, address: string, parts: Partial<FlowReport> = {}): FlowReport => {
  const flow = toController('ldap', 389)
  return {
    ...flow,
    flow: `ldap-${host}`,
    to: host,
    target: { ...flow.target, name: `${host}.corp.example`, address },
    verdict: 'open',
    confidence: 'certain',
    says: '',
    alternatives: [],
    decidedBy: [],
    learnt: {},
    evidence: [],
    timing: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null },
    ...parts,
  }
}
const dc01 = reported('dc01', '10.1.0.5')

const asked = { resolver: '10.1.0.2:53', resolverRole: 'target', authoritative: true } as const
const named = (server: string, seen: readonly Draft[]): FlowReport => {
  const flow = toController('dns', 53, 'udp')
  return {
    ...dc01,
    ...flow,
    flow: `dns-${server}`,
    to: server,
    toRole: 'dns-server',
    target: { ...flow.target, name: `${server}.corp.example`, address: '10.1.0.2' },
    evidence: filed(seen),
  }
}
const locator = (hosts: readonly string[], name = '_ldap._tcp.dc._msdcs.corp.example'): Draft =>
  lookup('answer', { ...asked, name, type: 'SRV', answers: hosts.map((host) => `0 100 389 ${host}.corp.example`) })
const address = (host: string, ...answers: readonly string[]): Draft =>
  lookup('answer', { ...asked, name: `${host}.corp.example`, type: 'A', answers })

test('a controller that clients are led to and the site file does not have is told, of low severity', () => {
  const dns = named('dns01', [locator(['DC01', 'dc09']), address('dc01', '10.1.0.5'), address('dc09', '10.9.0.5')])
  const [found, ...others] = locatorFindings([dc01, dns])
  assert.deepEqual(others, [])
  assert.deepEqual([found?.code, found?.severity, found?.flows], ['controller-not-planned', 'low', ['dns-dns01']])
  assert.match(found?.what ?? '', /lead to dc09\.corp\.example as well/)
})

test('a controller that the records of a site alone lead to is one that clients are led to', () => {
  const [found] = locatorFindings([
    dc01,
    named('dns01', [
      locator(['dc01']),
      locator(['dc01', 'rodc1'], '_ldap._tcp.HQ._sites.corp.example'),
      address('dc01', '10.1.0.5'),
      address('rodc1', '10.9.0.5'),
    ]),
  ])
  assert.match(found?.what ?? '', /lead to rodc1\.corp\.example as well/)
})

const well: readonly (readonly [what: string, flows: readonly FlowReport[]])[] = [
  [
    'one that the site file has by another name at the same address',
    [dc01, named('dns01', [locator(['dc09']), address('dc09', '10.1.0.5')])],
  ],
  [
    'one that calls itself so',
    [
      reported('dc01', '10.1.0.5', { learnt: { dnsHostName: 'DC09.corp.example' } }),
      named('dns01', [locator(['dc09']), address('dc09', '10.9.0.5')]),
    ],
  ],
  ['one that was not asked for its address', [dc01, named('dns01', [locator(['dc09'])])]],
  [
    'a global catalog, which may be of another domain',
    [dc01, named('dns01', [locator(['dc09'], '_gc._tcp.corp.example'), address('dc09', '10.9.0.5')])],
  ],
  ['one of a report without any controller', [named('dns01', [locator(['dc09']), address('dc09', '10.9.0.5')])]],
  ['what another flow was told', [dc01, named('dns01', [context(locator(['dc09'])), address('dc09', '10.9.0.5')])]],
]
for (const [what, flows] of well) {
  test(`${what} is no controller that the plan lacks`, () => assert.deepEqual(locatorFindings(flows), []))
}

test('a flow is looked at a few times, however many there are', () => {
  let reads = 0
  const controllers = Array.from({ length: 100 }, (_, n) =>
    Object.defineProperty(reported(`dc${n}`, `10.1.1.${n}`), 'learnt', {
      get: () => {
        reads += 1
        return {}
      },
    }),
  )
  locatorFindings([...controllers, named('dns01', [locator(['dc1']), address('dc1', '10.1.1.1')])])
  assert.ok(reads <= 500, String(reads))
})

const soa = (resolver: string, primary: string, serial: number, authoritative = true): FlowReport =>
  named(resolver, [
    lookup('answer', {
      ...asked,
      resolver: `${resolver}:53`,
      authoritative,
      name: 'corp.example',
      type: 'SOA',
      answers: [`${primary} hostmaster.corp.example. ${serial} 900 600 86400 3600`],
    }),
  ])

test('a server with an older copy of the zone of the same primary is told', () => {
  const [found, ...others] = locatorFindings([soa('a', 'dc01.corp.example', 41), soa('b', 'DC01.corp.example.', 42)])
  assert.deepEqual(others, [])
  assert.deepEqual([found?.code, found?.severity, found?.flows], ['zone-behind', 'low', ['dns-b', 'dns-a']])
  assert.match(found?.what ?? '', /b:53 has serial 42, a:53 has 41$/)
})

test('serials go round', () => {
  const [found] = locatorFindings([soa('a', 'dc01', 2 ** 32 - 1), soa('b', 'dc01', 3)])
  assert.match(found?.what ?? '', /b:53 has serial 3, a:53 has 4294967295$/)
})

test('one serial is one zone, controllers count by themselves, and what was remembered is older by nature', () => {
  for (const flows of [
    [soa('a', 'dc01', 42), soa('b', 'dc01', 42)],
    [soa('a', 'dc01', 41), soa('b', 'dc02', 42)],
    [soa('a', 'dc01', 41, false), soa('b', 'dc01', 42)],
    [soa('a', 'dc01', 41), soa('a', 'dc01', 42)],
  ]) {
    assert.deepEqual(locatorFindings(flows), [])
  }
})
