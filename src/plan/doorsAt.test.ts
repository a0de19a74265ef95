import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptySite, hostOf } from '../../test/sites.ts'
import type { Site } from '../model/site.ts'
import { doorsAt } from './doorsAt.ts'
import { planFlows } from './planFlows.ts'

const site: Site = {
  ...emptySite,
  domain: 'corp.example',
  hosts: {
    connect01: hostOf(['entra-connect'], '10.1.0.10'),
    dc01: hostOf(['domain-controller', 'dns-server'], '10.1.0.5', '2001:db8::5'),
  },
}
const ownFlow = { from: 'connect01', to: 'dc01', transport: ['tcp'], service: 'tcp', forbid: false } as const

test('a host is reached at every port of its planned flows, each once, whatever number of addresses it has', () => {
  const { doors } = doorsAt(planFlows(site), 'dc01', { ofRange: 1 })
  const ldap = doors.filter(({ port }) => port === 389)
  assert.deepEqual(
    ldap.map(({ port, transport, addresses, flows }) => [port, transport, addresses, flows.map(({ flow }) => flow)]),
    [
      [389, 'tcp', ['10.1.0.5', '2001:db8::5'], ['t1-ldap']],
      [389, 'udp', ['10.1.0.5', '2001:db8::5'], ['t1-ldap']],
    ],
  )
  assert.deepEqual(
    doors.map(({ port }) => port),
    doors.map(({ port }) => port).toSorted((a, b) => a - b),
  )
})

test('of a range there are as many doors as are asked for, from its first port on', () => {
  const ports = (ofRange: number): readonly number[] =>
    doorsAt(planFlows(site), 'dc01', { ofRange })
      .doors.filter(({ range }) => range !== undefined)
      .map(({ port }) => port)
  assert.deepEqual(ports(1), [49_152])
  assert.deepEqual(ports(3), [49_152, 49_153, 49_154])
})

test('ports that are named leave the others out, and choose inside a range', () => {
  const ports = [
    { first: 389, last: 389 },
    { first: 50_000, last: 50_001 },
  ]
  const { doors, doorless } = doorsAt(planFlows(site), 'dc01', { ofRange: 1, ports })
  assert.deepEqual(
    doors.map(({ port, transport }) => `${port}/${transport}`),
    ['389/tcp', '389/udp', '50000/tcp', '50001/tcp'],
  )
  assert.ok(doorless.some(({ flow, why }) => flow.target.port === 88 && why === 'its port was not asked for'))
})

test('what must be closed opens nothing, and is told at a door that others open', () => {
  const flows = [
    { ...ownFlow, id: 'shut', ports: [8443], forbid: true },
    { ...ownFlow, id: 'not-ldap', ports: [389], forbid: true },
  ]
  const { doors, doorless } = doorsAt(planFlows({ ...site, flows }), 'dc01', { ofRange: 1 })
  assert.ok(!doors.some(({ port }) => port === 8443))
  assert.ok(doorless.some(({ flow }) => flow.flow === 'shut'))
  const ldap = doors.find(({ port, transport }) => port === 389 && transport === 'tcp')
  assert.deepEqual(
    ldap?.flows.map(({ flow }) => flow),
    ['t1-ldap', 'not-ldap'],
  )
})

test('what stays on the host, or goes elsewhere, has no door there', () => {
  const federated: Site = {
    ...site,
    features: ['ad-fs'],
    hosts: { ...site.hosts, adfs01: hostOf(['adfs'], '10.1.0.7') },
  }
  const flows = planFlows(federated)
  assert.ok(flows.some(({ from, to }) => from === 'adfs01' && to === 'adfs01'))
  const { doors, doorless } = doorsAt(flows, 'adfs01', { ofRange: 1 })
  const going = [...doors.flatMap((door) => door.flows), ...doorless.map(({ flow }) => flow)]
  assert.deepEqual(
    going.filter(({ from, to }) => from === 'adfs01' || to !== 'adfs01'),
    [],
  )
})
