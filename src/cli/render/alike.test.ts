import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowReportOf } from '../../../test/reports.ts'
import { flowOf } from '../../../test/sampleFlows.ts'
import type { FlowReport } from '../../model/report.ts'
import { alike } from './alike.ts'
import { sharedTargets } from './sharedTargets.ts'

const failed = (name: string, says: string, parts: Partial<FlowReport> = {}): FlowReport => ({
  ...flowReportOf(
    flowOf({
      flow: 't2-https-sync',
      to: 'entra-id',
      toRole: 'entra-id',
      purpose: 'Synchronization with Entra ID',
      target: { name, port: 443, transport: 'tcp', service: 'https' },
    }),
  ),
  verdict: 'blocked',
  cause: 'resolver-unreachable',
  owner: 'dns',
  confidence: 'certain',
  says,
  ...parts,
})

const groups = (...flows: readonly FlowReport[]) =>
  alike(sharedTargets(flows)).map((group) => group.map(([flow]) => flow.target.name))

test('a silent resolver fails every name in the same words: one group, whatever each wait took', () => {
  assert.deepEqual(
    groups(
      failed('a.example', 'a.example could not be resolved: 10.1.0.5:53 did not answer within 3002 ms'),
      failed(
        'login.b.example',
        'login.b.example could not be resolved: 10.1.0.5:53 did not answer within 3 s and 10.1.0.5:53 did not answer within 2998 ms',
      ),
    ),
    [['a.example', 'login.b.example']],
  )
})

const portal = (name: string, ...others: readonly string[]) =>
  failed(name, `${name}, ${others.join(' and ')}, which have nothing in common, all lead to hotspot.example`, {
    cause: 'captive-portal',
    fix: 'sign in on the page',
  })

test('a portal is told at each name by two others that it took as well: one group', () => {
  const [a, b, c] = ['a.example', 'b.example', 'c.example'] as const
  assert.deepEqual(groups(portal(a, b, c), portal(b, a, c), portal(c, a, b)), [[a, b, c]])
  const elsewhere = {
    ...portal(b, a, c),
    says: `${b}, ${a} and ${c}, which have nothing in common, all lead to other.example`,
  }
  assert.deepEqual(groups(portal(a, b, c), elsewhere), [[a], [b]])
})

const apart: readonly (readonly [what: string, one: FlowReport, other: FlowReport])[] = [
  [
    'two resolvers',
    failed('a.example', '10.1.0.5:53 did not answer'),
    failed('b.example', '10.1.0.6:53 did not answer'),
  ],
  [
    'two inspectors',
    failed('a.example', 'the certificate is issued by "Corp CA"', { cause: 'interception-trusted' }),
    failed('b.example', 'the certificate is issued by "Guest CA"', { cause: 'interception-trusted' }),
  ],
  [
    'two remedies',
    failed('a.example', 'refused', { fix: 'open a.example:443 on edge1' }),
    failed('b.example', 'refused', { fix: 'open b.example:443 on edge2' }),
  ],
  ['two confidences', failed('a.example', 'refused'), failed('b.example', 'refused', { confidence: 'possible' })],
  ['two verdicts', failed('a.example', 'refused'), failed('b.example', 'refused', { verdict: 'unknown' })],
]

for (const [what, one, other] of apart) {
  test(`${what} are two groups`, () => {
    assert.deepEqual(groups(one, other), [['a.example'], ['b.example']])
  })
}

test('a host that is another one is told once for all its ports, whatever answer told it', () => {
  const other = (told: string, fix = 'correct the address of dc1 in the site file', cause = 'stale-record' as const) =>
    failed('dc1.corp.example', `dc1.corp.example leads to 10.1.0.5, which calls itself dc2 (${told})`, { cause, fix })
  const one = (flow: FlowReport, port: number): FlowReport => ({ ...flow, target: { ...flow.target, port } })
  const [ldap, catalog] = [one(other('rootDSE on 389'), 389), one(other('rootDSE on 3268 and CLDAP on 389'), 3268)]
  assert.equal(groups(ldap, catalog).length, 1)
  assert.equal(groups(ldap, one(other('rootDSE on 3268', 'delete the old record'), 3268)).length, 2)
  assert.equal(groups(ldap, { ...catalog, to: 'dc3' }).length, 2)
})

test('a proxy that is dead, and a resolver that is silent, is one cause, whatever else a flow shows of it', () => {
  const dead = (name: string, says: string, parts: Partial<FlowReport> = {}): FlowReport =>
    failed(name, says, { cause: 'proxy-dead', via: 'egress', fix: 'bring the proxy up, or set WinHTTP', ...parts })
  const web = dead('a.example', 'the proxy egress is not there; straight from here the target is reached')
  const plainHttp = { ...web.target, name: 'b.example', port: 80, service: 'http' as const }
  const list = dead('b.example', 'the proxy egress is not there', { target: plainHttp })
  assert.deepEqual(groups(web, list), [['a.example', 'b.example']])
  assert.equal(groups(web, { ...list, via: 'other' }).length, 2)
  const silent = (name: string, from: string, server: string): FlowReport =>
    failed(name, `${server} gave no answer`, {
      fix: `allow udp ${from} -> ${server}`,
      nextProbe: `postern check dns://${server}`,
    })
  const one = silent('a.example', 'gate01', '10.1.0.5')
  assert.equal(groups(one, silent('b.example', '10.1.0.10', '10.1.0.5')).length, 1)
  assert.equal(groups(one, silent('b.example', '10.1.0.10', '10.1.0.6')).length, 2)
})

test('a pattern with a path is the flow’s own place, and so is a service where it is a whole word', () => {
  const exempt = (name: string, pattern?: string): FlowReport => {
    const flow = failed(name, `${name} is inspected`, { fix: `exempt ${pattern ?? name} from inspection` })
    return pattern === undefined ? flow : { ...flow, target: { ...flow.target, pattern } }
  }
  assert.equal(groups(exempt('a.example'), exempt('www.b.example', 'www.b.example/pki')).length, 1)
  const spoken = (name: string, service: 'http' | 'https'): FlowReport => {
    const flow = failed(name, 'no answer', { fix: 'set WinHTTP anew' })
    return { ...flow, target: { ...flow.target, service } }
  }
  assert.equal(groups(spoken('a.example', 'http'), spoken('b.example', 'https')).length, 1)
})
