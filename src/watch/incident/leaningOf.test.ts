import assert from 'node:assert/strict'
import test from 'node:test'
import { flowTo, lookAt } from '../../../test/watchedSite.ts'
import type { NameLookup, Observation, PathTrace, TcpConnect } from '../../model/observation.ts'
import { leaningOf, networkAround, standingOf } from './leaningOf.ts'
import { suspectsOf } from './suspects.ts'

const seen = { role: 'probe', at: '2026-03-02T12:00:00.000Z', ms: 1 } as const
const lookup = (resolver: string, outcome: NameLookup['outcome']): NameLookup => ({
  ...seen,
  id: 'e1',
  kind: 'name-lookup',
  name: 'login.microsoftonline.com',
  type: 'A',
  resolver,
  resolverRole: 'internal',
  transport: 'udp',
  outcome,
  answers: [],
  aliases: [],
})
const connect = (parts: Partial<TcpConnect>): TcpConnect => ({
  ...seen,
  id: 'e2',
  kind: 'tcp-connect',
  address: '40.126.1.1',
  port: 443,
  outcome: 'connected',
  ...parts,
})
const trace = (parts: Partial<PathTrace>): PathTrace => ({
  ...seen,
  id: 'e3',
  kind: 'path-trace',
  tool: 'traceroute',
  address: '10.9.0.5',
  sent: 'tcp-syn',
  hops: [{ ttl: 1, address: '10.1.0.1' }, { ttl: 2, address: '10.1.0.254' }, { ttl: 3 }],
  outcome: 'silent',
  ...parts,
})

test('a service of DNS that is silent is the resolver of its own flow, and one that answers is not', () => {
  const { flow } = flowTo('dc01', 389)
  const target = (outcome: NameLookup['outcome']) => ({
    ...lookup('10.1.0.5:53', outcome),
    resolverRole: 'target' as const,
  })
  assert.equal(leaningOf(flow, [target('timeout')]).resolver, '10.1.0.5:53')
  assert.equal(leaningOf(flow, [target('answer')]).resolver, undefined)
})

test('the resolver is who gave the name, or where nobody did who was asked first', () => {
  const { flow } = flowTo('login.microsoftonline.com', 443)
  const answered = [lookup('10.1.0.53:53', 'timeout'), lookup('10.1.0.54:53', 'answer')]
  assert.equal(leaningOf(flow, answered).resolver, '10.1.0.54:53')
  assert.equal(leaningOf(flow, answered.slice(0, 1)).resolver, '10.1.0.53:53')
})

test('of a flow outside no network is guessed, and its address is the one that was dialled', () => {
  const on = leaningOf(flowTo('login.microsoftonline.com', 443).flow, [connect({})])
  assert.equal(on.address, '40.126.1.1')
  assert.equal(on.network, undefined)
  assert.equal(on.isOutside, true)
})

test('through a proxy the address is the proxy’s, and the flow has none', () => {
  const on = leaningOf(flowTo('graph.microsoft.com', 443).flow, [
    connect({ address: '10.1.0.9', port: 3128, proxy: 'egress' }),
  ])
  assert.equal(on.address, undefined)
  assert.equal(on.proxyAt, '10.1.0.9:3128')
  assert.equal(on.via, 'egress')
})

test('a trace that ends in silence names the last gateway that spoke, and one that arrives names all', () => {
  const { flow } = flowTo('dc03', 389)
  assert.equal(leaningOf(flow, [trace({})]).stopsAt, '10.1.0.254')
  assert.equal(leaningOf(flow, [trace({})]).hops, undefined)
  const arrived = trace({
    outcome: 'reached',
    hops: [
      { ttl: 1, address: '10.1.0.1' },
      { ttl: 2, address: '10.9.0.5' },
    ],
  })
  assert.deepEqual(leaningOf(flow, [arrived]).hops, ['10.1.0.1'])
})

test('an ICMP error of a gateway names it, and one of the target does not', () => {
  const { flow } = flowTo('dc03', 389)
  const said = (from: string): Observation => ({
    ...seen,
    id: 'e4',
    kind: 'packet-evidence',
    of: 'e2',
    address: '10.9.0.5',
    port: 389,
    transport: 'tcp',
    sent: 1,
    icmp: [{ from, family: 4, type: 3, code: 1 }],
  })
  assert.equal(leaningOf(flow, [said('10.1.0.254')]).stopsAt, '10.1.0.254')
  assert.equal(leaningOf(flow, [said('10.9.0.5')]).stopsAt, undefined)
})

test('a network that nobody has told is the /24 or the /48 around the address', () => {
  assert.equal(networkAround('10.9.0.5'), '10.9.0.0/24')
  assert.equal(networkAround('2001:db8:1:2::5'), '2001:db8:1::/48')
  assert.equal(networkAround('no address'), undefined)
})

test('a flow that fails keeps when it was well for the last time', () => {
  const { flow } = flowTo('dc01', 636)
  assert.equal(standingOf(flow, { at: 2000, isWell: true }).wellAt, 2000)
  assert.equal(standingOf(flow, { at: 2000, isWell: false, wellAt: 1000 }).wellAt, 1000)
  assert.equal(standingOf(flow, { at: 2000, isWell: false }).wellAt, undefined)
})

test('whoever may be to blame is found by the kind of failure: no router makes a certificate expire', () => {
  const { on } = flowTo('dc03', 636)
  const places = { hosts: new Map(), proxies: new Map() }
  const kinds = (cause: Parameters<typeof suspectsOf>[1]) => suspectsOf(on, cause, places).map(({ kind }) => kind)
  assert.deepEqual(kinds('cert-expired'), ['certificate', 'certificate'])
  assert.deepEqual(kinds('no-route'), ['host', 'address', 'destination', 'port', 'vantage', 'path'])
  assert.deepEqual(lookAt(flowTo('dc03', 636), 'no-route').verdict, 'blocked')
})

test('a domain controller that is the resolver, too, is suspected of names that nobody gives', () => {
  const { on } = flowTo('login.microsoftonline.com', 443)
  const places = { hosts: new Map([['10.1.0.53', 'dc01']]), proxies: new Map() }
  assert.ok(suspectsOf(on, 'resolver-unreachable', places).some(({ kind, name }) => kind === 'host' && name === 'dc01'))
  assert.ok(!suspectsOf(on, 'no-route', places).some(({ name }) => name === 'dc01'))
})
