import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scriptedNet } from '../../test/scriptedNet.ts'
import type { Observation, TcpConnect } from '../model/observation.ts'
import type { Question } from '../probes/probe.ts'
import { askControls, mostConnections } from './askControls.ts'
import { controls } from './controls.ts'
import { dialableControl } from './dialableControl.ts'
import { openLedger } from './ledger.ts'
import type { Surroundings } from './surroundings.ts'
import { symptomOf } from './symptomOf.ts'
import { symptoms } from './symptoms.ts'

const question: Question = { scheme: 'tcp', name: 'a.example', address: '20.1.1.1', port: 443, transport: 'tcp' }
const outside = { address: '9.9.9.9', port: 53 }

/** More to compare with than will be asked. */
const around: Surroundings = {
  resolvers: { internal: [], control: [outside, { address: '8.8.8.8', port: 53 }] },
  otherPorts: [80, 389, 88, 445],
  otherHosts: ['20.1.2.1', '20.1.2.2', '20.1.2.3'],
  otherAddresses: ['20.1.1.2', '20.1.1.3', '20.1.1.4'],
  usedSources: [],
  otherWays: [],
  otherTunnels: [],
  isOwn: () => false,
  controlName: 'b.example',
}

const stamp = { at: '2026-11-20T10:00:00.000Z', ms: 1, role: 'probe' } as const
const resolved: Observation = {
  ...stamp,
  kind: 'name-lookup',
  id: 'e1',
  name: 'a.example',
  type: 'A',
  resolver: '10.1.0.5:53',
  resolverRole: 'internal',
  transport: 'udp',
  outcome: 'answer',
  answers: ['20.1.1.1'],
  aliases: [],
}
const refused: TcpConnect = {
  ...stamp,
  kind: 'tcp-connect',
  id: 'e2',
  address: '20.1.1.1',
  port: 443,
  outcome: 'refused',
}

async function asked(over: Partial<Surroundings>, answers = ['20.9.9.9']) {
  const { net, dialled, looked } = scriptedNet({
    connect: () => 'refused',
    lookup: () => ({ outcome: 'answer', rcode: 0, answers }),
  })
  const limits = { signal: new AbortController().signal, timeoutMs: 100 }
  const means = { net, ledger: openLedger(), limits, slot: (_: unknown, work: () => Promise<void>) => work() }
  await askControls(question, symptomOf([resolved, refused], question.address), { ...around, ...over }, means)
  return { dialled, looked }
}

test('a failed connection on a machine with one interface costs six more and no more, however much there is to compare with', async () => {
  const { dialled } = await asked({})
  assert.deepEqual(dialled.toSorted(), [
    '20.1.1.1:389',
    '20.1.1.1:443',
    '20.1.1.1:80',
    '20.1.1.2:443',
    '20.1.2.1:443',
    '20.9.9.9:443',
  ])
})

test('a name of the site is not asked for outside, and nothing that an answer there says is dialled', async () => {
  const { dialled, looked } = await asked({ isOwn: () => true })
  assert.deepEqual(looked, [])
  assert.ok(!dialled.includes('20.9.9.9:443'))
})

test('an answer from outside that leads inside is not dialled', async () => {
  for (const inside of ['10.0.0.7', '127.0.0.1', '192.168.1.1', 'fd00::7', '::ffff:10.0.0.7', 'no address']) {
    const { dialled } = await asked({}, [inside])
    assert.equal(dialled.length, 5, inside)
  }
})

const leads: readonly (readonly [address: string, usual: string, dialled: boolean])[] = [
  ['20.9.9.9', '20.1.1.1', true],
  ['2603:1006::1', '20.1.1.1', true],
  ['10.0.0.7', '20.1.1.1', false],
  ['172.16.0.1', '20.1.1.1', false],
  ['192.168.1.1', '20.1.1.1', false],
  ['127.0.0.1', '20.1.1.1', false],
  ['::1', '2603:1006::1', false],
  ['fd00::7', '2603:1006::1', false],
  ['::ffff:10.0.0.7', '20.1.1.1', false],
  ['not an address', '20.1.1.1', false],
  ['10.0.0.7', '10.1.0.5', true],
  ['127.0.0.1', '127.0.0.2', true],
]

for (const [address, usual, dialled] of leads) {
  test(`${address} from outside is ${dialled ? '' : 'not '}dialled where the resolver of the site gives ${usual}`, () => {
    assert.equal(dialableControl(address, { answers: [usual] }), dialled)
  })
}

test('every control is asked for some symptom, and none twice for one', () => {
  const asked = symptoms.map((row) => row.controls)
  assert.deepEqual(new Set(asked.flat()), new Set(Object.keys(controls)))
  for (const names of asked) assert.equal(new Set(names).size, names.length)
})

/** What a failed question costs, and from where it is knocked, on a machine with these addresses. */
async function knockedFrom(sources: readonly string[], used: readonly string[], chosen?: string) {
  const from: (string | undefined)[] = []
  const { net, dialled } = scriptedNet({ connect: () => 'timeout' })
  const several = {
    ...net,
    sources: () => sources,
    connect: ((to, limits) => {
      if (to.localAddress !== undefined) from.push(to.localAddress)
      return net.connect(to, limits)
    }) as typeof net.connect,
  }
  const limits = { signal: new AbortController().signal, timeoutMs: 100 }
  const means = {
    net: several,
    ledger: openLedger(),
    limits,
    slot: (_: unknown, work: () => Promise<void>) => work(),
  }
  const seen: readonly Observation[] = [
    { ...refused, outcome: 'timeout', ...(chosen !== undefined && { localAddress: chosen }) },
  ]
  const made = await askControls(question, symptomOf(seen, question.address), { ...around, usedSources: used }, means)
  const told = made.filter(({ varies }) => varies === 'source')
  return { from, told: told.length, cost: dialled.length }
}

test('a machine with one interface knocks from no other, and pays for none', async () => {
  assert.deepEqual(await knockedFrom([], []), { from: [], told: 0, cost: 5 })
})

test('of two interfaces the one is asked that the machine did not choose', async () => {
  assert.deepEqual(await knockedFrom(['10.1.0.10', '10.8.0.2'], [], '10.1.0.10'), {
    from: ['10.8.0.2'],
    told: 1,
    cost: 6,
  })
})

test('of many interfaces those are asked first that carry other connections, and two at most', async () => {
  const many = ['10.1.0.10', '172.17.0.1', '172.18.0.1', '10.8.0.2', '10.9.0.2']
  assert.deepEqual((await knockedFrom(many, ['10.1.0.10', '10.8.0.2'], '10.1.0.10')).from, ['10.8.0.2', '172.17.0.1'])
  // An address that carries connections and cannot be bound to for this one is no choice.
  assert.deepEqual((await knockedFrom(many, ['192.0.2.9', '10.9.0.2', '10.8.0.2'])).from, ['10.9.0.2', '10.8.0.2'])
})

test('however much there is to compare with, a failure costs no more than was promised', async () => {
  const { cost } = await knockedFrom(['10.1.0.10', '10.8.0.2', '10.9.0.2'], [], '10.1.0.10')
  assert.ok(cost <= mostConnections, `${cost}`)
})

test('what goes through a proxy is asked from where it was', () => {
  const throughProxy = { ...question, via: { proxy: 'egress', port: 3128 } }
  const failure = { question: throughProxy, around, sources: ['10.8.0.2'], repeated: false }
  assert.deepEqual(controls.otherSources.asks(failure), [])
})
