import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditSite, toEntra } from '../../test/auditSite.ts'
import { flowOf } from '../../test/sampleFlows.ts'
import { portTexts, rangeTexts } from '../firewall/rangeText.ts'
import type { Flow } from '../model/flow.ts'
import type { Site } from '../model/site.ts'
import { knowledgeOf } from './knowledgeOf.ts'
import type { Stand } from './openingsOf.ts'
import type { Permits } from './permitsOf.ts'
import { permitsOf } from './permitsOf.ts'
import { publishedKnowledge } from './publishedKnowledge.ts'

function permitted(flows: readonly Flow[], given: Partial<Stand> = {}, over: Partial<Site> = {}): Permits {
  const site = { ...auditSite, ...over }
  const knowledge = publishedKnowledge(knowledgeOf([], site), site.cloud)
  return permitsOf(flows, site, knowledge, { stands: 'router', standsOf: () => 'router', ...given })
}

/** Permits in a line each: who, to whom, by what, and how much it is needed. */
function lines({ permits }: Permits): readonly string[] {
  return permits.map(({ passage, from, to, transport, ports, necessity, phase }) =>
    [
      passage ?? '',
      `${rangeTexts(from.ranges).join()} > ${to.name ?? to.label}`,
      `${transport}/${portTexts(ports).join()}`,
      necessity,
      phase ?? '',
    ]
      .filter((word) => word !== '')
      .join(' '),
  )
}

const toController: Flow = flowOf({
  flow: 't1-ldap',
  from: 'connect01',
  fromRole: 'entra-connect',
  fromAddresses: ['10.1.0.10'],
  to: 'dc01',
  toRole: 'domain-controller',
  direction: 'internal',
  purpose: 'reads the directory',
  target: { name: 'dc01.corp.example', address: '10.1.0.5', port: 389, transport: 'tcp', service: 'ldap' },
})
const at = (flow: Flow, port: number, over: Partial<Flow> = {}): Flow => ({
  ...flow,
  ...over,
  target: { ...flow.target, port },
})
const direct: Flow = { ...toEntra, fromAddresses: ['10.1.0.10'] }

test('ports between the same ends are one permit, beside each other or not', () => {
  const found = permitted([at(toController, 389), at(toController, 88), at(toController, 390), at(toController, 88)])
  assert.deepEqual(lines(found), ['10.1.0.10 > dc01.corp.example tcp/88,389-390 required'])
})

test('what only the set-up needs, and what is recommended, stand apart; what is optional has no permit', () => {
  const found = permitted([
    at(toController, 389, { phase: 'runtime' }),
    at(toController, 9389, { phase: 'setup' }),
    at(toController, 464, { necessity: 'recommended' }),
    at(toController, 3268, { necessity: 'optional' }),
  ])
  assert.deepEqual(lines(found), [
    '10.1.0.10 > dc01.corp.example tcp/389 required',
    '10.1.0.10 > dc01.corp.example tcp/9389 required setup',
    '10.1.0.10 > dc01.corp.example tcp/464 recommended',
  ])
})

test('a port that one flow needs every day is no matter of the set-up for another', () => {
  const found = permitted([
    at(toController, 389, { phase: 'setup', flow: 'a' }),
    at(toController, 389, { phase: 'runtime', flow: 'b' }),
  ])
  assert.deepEqual(
    [lines(found), found.permits[0]?.flows],
    [['10.1.0.10 > dc01.corp.example tcp/389 required'], ['a', 'b']],
  )
})

test('addresses of one host are one end, and one that no packet can reach from there is not told', () => {
  const flows = ['10.1.0.6', '2001:db8::6'].map((address) => ({
    ...toController,
    target: { ...toController.target, address },
  }))
  const found = permitted(flows)
  assert.deepEqual([lines(found), found.notPermitted], [['10.1.0.10 > dc01.corp.example tcp/389 required'], []])
})

test('a name keeps Microsoft’s pattern, and has the addresses of a list with its date and the tag that covers them', () => {
  const [permit] = permitted([direct]).permits
  assert.equal(permit?.to.name, 'login.microsoftonline.com')
  assert.match(permit?.to.asOf ?? '', /^\d{4}-\d\d-\d\d$/)
  assert.equal(permit?.to.tag, 'AzureActiveDirectory')
  assert.ok((permit?.to.ranges.length ?? 0) > 0)
})

test('what is looked up comes before the lists of the catalog', () => {
  const range = { family: 4 as const, first: 5n, last: 5n }
  const names = { addresses: new Map([['login.microsoftonline.com', [range]]]) }
  const knowledge = publishedKnowledge(knowledgeOf([{ kind: 'names', asOf: '2026-11-01', names }]), 'worldwide')
  assert.deepEqual(knowledge.endOf('login.microsoftonline.com').ranges, [range])
  assert.equal(knowledge.endOf('login.microsoftonline.com').asOf, '2026-11-01')
  assert.equal(knowledge.endOf('login.microsoftonline.com').tag, undefined)
})

test('negative rows are denials, and no permit', () => {
  const { permits, denials } = permitted([at(direct, 8443, { expect: 'closed', necessity: 'not-required' })])
  assert.deepEqual([permits.length, denials.length], [0, 1])
  assert.match(denials[0]?.id ?? '', /^deny-[A-Za-z0-9-]{1,55}$/)
})

test('ids are of their letters, short, and each its own', () => {
  const hosts = { ...auditSite.hosts, 'ü — 漢': { roles: [], addresses: ['10.1.0.99'] } }
  const strange: Flow = { ...toController, from: 'ü — 漢', fromAddresses: ['10.1.0.99'] }
  const long = Array.from({ length: 3 }, (_, index): Flow => {
    const name = `${'long-name.'.repeat(9)}host${index}.example`
    return { ...toController, target: { ...toController.target, name } }
  })
  const ids = permitted([strange, ...long], {}, { hosts }).permits.map(({ id }) => id)
  assert.equal(new Set(ids).size, 4)
  for (const id of ids) assert.match(id, /^[A-Za-z0-9-]{1,60}$/)
})

test('a proxy is a step: before it the way to it is opened, behind it the name, for the host firewall only the first', () => {
  const viaProxy: Flow = { ...direct, via: 'egress' }
  const toProxy = '10.1.0.10 > egress tcp/3128 required'
  const fromProxy = '10.1.0.40 > login.microsoftonline.com tcp/443 required'
  assert.deepEqual(lines(permitted([viaProxy])), [toProxy, fromProxy])
  assert.deepEqual(lines(permitted([viaProxy], { stands: 'host' })), [toProxy])
  assert.deepEqual(lines(permitted([viaProxy], { stands: 'proxy' })), [
    '10.1.0.10 > login.microsoftonline.com tcp/443 required',
  ])
})

test('a proxy of unknown address is said, with what to add', () => {
  const { permits, notPermitted } = permitted([{ ...direct, via: 'far' }])
  assert.equal(permits.length, 0)
  assert.match(notPermitted[0]?.why ?? '', /address of the proxy far .* is not known/)
  assert.match(notPermitted[0]?.instead ?? '', /^add a host of that name/)
})

const edge = { vendor: 'nftables' as const, files: ['edge.nft'], interfaces: {} }

test('of a device on paths only what crosses it is asked, by the way that it is met', () => {
  const over = {
    devices: { edge, own: { ...edge, protects: ['connect01'] } },
    paths: [{ from: 'connect01', to: 'internet', through: ['own', 'edge'] }],
  }
  assert.deepEqual(lines(permitted([direct, toController], { device: 'edge' }, over)), [
    '10.1.0.10 > login.microsoftonline.com tcp/443 required',
  ])
  const own = permitted([direct, toController], { device: 'own' }, over)
  assert.deepEqual([own.passage, lines(own).length], ['output', 1])
})

test('a device without a path guards the hosts that it protects, in both directions', () => {
  const over = { devices: { own: { ...edge, protects: ['dc01'] } } }
  const answering: Flow = {
    ...toController,
    from: 'dc01',
    fromRole: 'domain-controller',
    fromAddresses: ['10.1.0.5'],
    to: 'dc02',
    target: { port: 389, transport: 'tcp', service: 'ldap', address: '10.1.0.6', name: 'dc02' },
  }
  const found = permitted([toController, answering, direct], { device: 'own' }, over)
  assert.equal(found.passage, 'output')
  assert.deepEqual(lines(found), [
    'input 10.1.0.10 > dc01.corp.example tcp/389 required',
    '10.1.0.5 > dc02 tcp/389 required',
  ])
})

test('a laboratory’s port and its address on the own machine stand in no rule', () => {
  const played: Flow = { ...direct, target: { ...direct.target, address: '127.0.0.1', port: 9443, plannedPort: 443 } }
  assert.deepEqual(lines(permitted([played])), ['10.1.0.10 > login.microsoftonline.com tcp/443 required'])
  assert.ok((permitted([played]).permits[0]?.to.ranges.length ?? 0) > 1)
})

test('what stays on one host has no rule, and a flow without addresses says what to add', () => {
  const { permits, notPermitted } = permitted([
    { ...toController, direction: 'local' },
    { ...toController, from: 'connect01', fromAddresses: [], flow: 'nowhere' },
  ])
  assert.equal(permits.length, 0)
  assert.deepEqual(
    notPermitted.map(({ flow }) => flow),
    ['nowhere'],
  )
})
