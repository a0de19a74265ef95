import assert from 'node:assert/strict'
import { test } from 'node:test'
import { netlogon, rootDse, saidAt, saidByUdp, toController } from '../../test/controllers.ts'
import type { Draft } from '../../test/observed.ts'
import { context, filed, lookup } from '../../test/observed.ts'
import type { FlowReport } from '../model/report.ts'
import { recordsOfNoCatalog, sameServers } from './sameServers.ts'

const met = (host: string, address: string, seen: readonly Draft[], over: Partial<FlowReport> = {}): FlowReport => {
  const flow = toController('ldap', 389)
  return {
    ...flow,
    to: host,
    target: { ...flow.target, name: `${host}.corp.example`, address },
    verdict: 'open',
    confidence: 'certain',
    says: '',
    alternatives: [],
    decidedBy: [],
    learnt: {},
    evidence: filed(seen),
    timing: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null },
    ...over,
  }
}
const named = (dnsHostName: string, address: string): Draft => saidAt(389, rootDse({ dnsHostName }), { address })
const smb = (serverGuid: string, address: string): Draft =>
  saidAt(445, { kind: 'smb', dialect: '3.1.1', signing: 'required', serverGuid, mechanisms: [] }, { address })

test('two hosts that call themselves alike are one machine', () => {
  const flows = [
    met('dc01', '10.1.0.5', [named('DC01.corp.example', '10.1.0.5')]),
    met('dc02', '10.1.0.6', [named('dc01.corp.example.', '10.1.0.6')]),
  ]
  const [found, ...others] = sameServers(flows)
  assert.deepEqual(others, [])
  assert.equal(found?.code, 'same-server')
  assert.equal(
    found.what,
    'dc01 (10.1.0.5) and dc02 (10.1.0.6) are one domain controller: both call themselves dc01.corp.example',
  )
})

test('what has been told of one of them as a stale record is not told again', () => {
  const flows = [
    met('dc01', '10.1.0.5', [named('dc01.corp.example', '10.1.0.5')]),
    met('dc02', '10.1.0.6', [named('dc01.corp.example', '10.1.0.6')], { cause: 'stale-record' }),
  ]
  assert.deepEqual(sameServers(flows), [])
})

test('one host is one, by however many addresses and ports', () => {
  const flows = [
    met('dc01', '10.1.0.5', [named('dc01.corp.example', '10.1.0.5')]),
    met('dc01', '10.2.0.5', [named('dc01.corp.example', '10.2.0.5')]),
  ]
  assert.deepEqual(sameServers(flows), [])
})

test('a host that is called by the name of its domain is any of the controllers', () => {
  const flows = [
    met('dc01', '10.1.0.5', [named('dc01.corp.example', '10.1.0.5')]),
    met('corp', '10.2.0.5', [named('dc01.corp.example', '10.2.0.5')], {
      target: { ...toController('ldap', 389).target, name: 'corp.example', address: '10.2.0.5' },
    }),
  ]
  assert.deepEqual(sameServers(flows), [])
})

test('different machines are different', () => {
  const flows = [
    met('dc01', '10.1.0.5', [named('dc01.corp.example', '10.1.0.5')]),
    met('dc02', '10.1.0.6', [named('dc02.corp.example', '10.1.0.6'), context(named('dc01.corp.example', '10.1.0.5'))]),
  ]
  assert.deepEqual(sameServers(flows), [])
})

test('a server GUID tells a machine, unless it is made of a name or of nothing', () => {
  const both = (guid: string): readonly FlowReport[] => [
    met('dc01', '10.1.0.5', [smb(guid, '10.1.0.5')]),
    met('dc02', '10.1.0.6', [smb(guid, '10.1.0.6')]),
  ]
  assert.equal(sameServers(both('6d1b1b0a-91c4-4c2e-8000-9a0000000001')).length, 1)
  // Samba 4.17, captured: "dc1" in ASCII.
  assert.deepEqual(sameServers(both('00316364-0000-0000-0000-000000000000')), [])
  assert.deepEqual(sameServers(both('00000000-0000-0000-0000-000000000000')), [])
})

test('what is reached by a target of the command line is no host of the site', () => {
  const flows = ['10.1.0.5', '10.1.0.6'].map((address) =>
    met(address, address, [named('dc01.corp.example', address)], { toRole: 'any' }),
  )
  assert.deepEqual(sameServers(flows), [])
})

const catalogs = lookup('answer', {
  name: '_gc._tcp.corp.example',
  type: 'SRV',
  resolverRole: 'target',
  answers: ['0 100 3268 dc01.corp.example', '0 100 3268 dc02.corp.example'],
})

test('a record of a global catalog that leads to a controller which is none', () => {
  const flows = [
    met('dc01', '10.1.0.5', [catalogs, saidByUdp(389, netlogon())]),
    met('dc02', '10.1.0.6', [
      catalogs,
      saidByUdp(389, netlogon({ host: 'dc02.corp.example', flags: ['kdc'] }), { address: '10.1.0.6' }),
    ]),
  ]
  const [found, ...others] = recordsOfNoCatalog(flows)
  assert.deepEqual(others, [])
  assert.equal(found?.code, 'srv-incomplete')
  assert.match(found.what, /^_gc\._tcp\.corp\.example names dc02\.corp\.example, which says of itself that it is no/)
})

test('a controller that is no global catalog, and that no record calls one, is well', () => {
  const flows = [
    met('dc01', '10.1.0.5', [catalogs]),
    met('dc03', '10.1.0.7', [saidByUdp(389, netlogon({ host: 'dc03.corp.example', flags: [] }))]),
  ]
  assert.deepEqual(recordsOfNoCatalog(flows), [])
})
