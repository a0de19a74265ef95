import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kerberosError } from '../../test/controllers.ts'
import type { Draft } from '../../test/observed.ts'
import { filed, mapped, said, service, tcp, tls, udp } from '../../test/observed.ts'
import type { Scheme } from '../model/service.ts'
import type { Question } from '../probes/probe.ts'
import { controls } from './controls.ts'
import type { Surroundings } from './surroundings.ts'
import { symptomOf } from './symptomOf.ts'
import { symptoms } from './symptoms.ts'

const address = '10.1.0.5'
const around: Surroundings = {
  resolvers: { internal: [], control: [] },
  otherPorts: [445],
  otherHosts: [],
  otherAddresses: [],
  usedSources: [],
  otherWays: [],
  otherTunnels: [],
  isOwn: () => true,
}

const symptom = (drafts: readonly Draft[]) => symptomOf(filed(drafts), address)
const controlsFor = (...drafts: readonly Draft[]) => symptoms.find(({ when }) => when(symptom(drafts)))?.controls
const asked = (
  name: 'overTcp' | 'overTls' | 'littleSaid',
  scheme: Scheme,
  drafts: readonly Draft[],
  over: Partial<Question> = {},
) =>
  controls[name].asks({
    question: { scheme, address, port: 389, transport: 'tcp', ...over },
    around,
    sources: [],
    ...symptom(drafts),
  }).length

const on = (port: number) => tcp('connected', { port })

test('a question that stays without an answer is compared by what was said, and who has answered is not asked again', () => {
  assert.deepEqual(controlsFor(on(389), service('timeout')), [
    'again',
    'littleSaid',
    'overTls',
    'otherAddress',
    'otherPorts',
  ])
  assert.deepEqual(controlsFor(on(389), service('closed'))?.includes('overTls'), true)
  assert.deepEqual(controlsFor(on(389), service('other-protocol')), ['again', 'otherAddress'])
  assert.deepEqual(controlsFor(on(88), said(kerberosError(), { port: 88 })), ['otherAddress'])
})

test('what an endpoint mapper named and is not reached is asked for once more, and nothing else', () => {
  const mapper = said({ kind: 'rpc-bound', interface: 'epm' }, { asked: 'rpc-bind', of: 'epm', port: 135 })
  assert.deepEqual(controlsFor(on(135), mapper, mapped('drsuapi', 49_153), tcp('timeout', { port: 49_153 })), ['again'])
})

test('silence over UDP is compared with the service over TCP, where it has one that nobody has asked yet', () => {
  const silent = udp('timeout')
  assert.equal(controlsFor(silent)?.[0], 'overTcp')
  assert.equal(asked('overTcp', 'kerberos', [silent], { transport: 'udp' }), 1)
  assert.equal(asked('overTcp', 'cldap', [silent], { transport: 'udp' }), 1)
  const question = { scheme: 'cldap', address, port: 389, transport: 'udp' } as const
  const known: Surroundings = { ...around, saidOverTcp: true }
  assert.deepEqual(controls.overTcp.asks({ question, around: known, sources: [], ...symptom([silent]) }), [])
  assert.equal(asked('overTcp', 'ntp', [silent], { transport: 'udp' }), 0)
  assert.equal(asked('overTcp', 'kerberos', [], { transport: 'tcp' }), 0)
})

test('TLS is tried where a question in the clear gets no octet, and not where anything came or TLS stands', () => {
  assert.equal(asked('overTls', 'ldap', [on(389), service('closed')]), 1)
  assert.equal(asked('overTls', 'ldap', [on(389), service('timeout', { bytesIn: 12 })]), 0)
  assert.equal(asked('overTls', 'ldaps', [on(389), service('timeout', { inTls: true })]), 0)
  assert.equal(asked('overTls', 'ldap', [on(389), service('closed')], { via: { proxy: 'egress', port: 3128 } }), 0)
})

test('little is said where a question stays without an answer, unless TLS shows that payload passes', () => {
  assert.equal(asked('littleSaid', 'ldap', [on(389), service('timeout')]), 2)
  assert.equal(asked('littleSaid', 'ldap', [on(389), service('closed')]), 0)
  const shaken = tls('established', { address, port: 636, serverName: 'dc01.corp.example' })
  assert.equal(asked('littleSaid', 'ldaps', [on(636), shaken, service('timeout', { port: 636, inTls: true })]), 0)
})
