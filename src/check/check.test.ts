import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInput } from '../../test/checkInput.ts'
import { cloudFlow, flowOf } from '../../test/observed.ts'
import type { Script } from '../../test/scriptedNet.ts'
import { scriptedNet } from '../../test/scriptedNet.ts'
import { rejudge } from '../diagnose/index.ts'
import type { Flow, FlowTarget } from '../model/flow.ts'
import { check } from './check.ts'
import type { CheckOptions } from './checkOptions.ts'
import { findingsOf } from './findingsOf.ts'

const resolver = { address: '10.1.0.5', port: 53 }

async function checked(
  flows: readonly Flow[],
  script: Script,
  options: Omit<CheckOptions, 'signal'> = {},
  signal?: AbortSignal,
) {
  const wire = scriptedNet(script)
  const report = await check(
    checkInput(flows, {
      from: 'connect01',
      context: { cloud: 'worldwide', domain: 'corp.example', trusted: [], names: {} },
      resolvers: { internal: [resolver], control: [] },
    }),
    wire.net,
    { signal: signal ?? new AbortController().signal, ...options },
  )
  assert.deepEqual(rejudge(JSON.parse(JSON.stringify(report)), findingsOf), JSON.parse(JSON.stringify(report)))
  const of = (id: string) => {
    const found = report.flows.find(({ flow }) => flow === id)
    assert.ok(found, id)
    return found
  }
  return { ...wire, report, of }
}

const inside = (flow: string, target: Partial<FlowTarget>, parts: Partial<Flow> = {}) =>
  flowOf({ ...parts, flow, target: { service: 'tcp', ...target } })
const outside = (flow: string, name: string, target: Partial<FlowTarget> = {}) =>
  cloudFlow({ flow, target: { name, port: 80, service: 'http', ...target } })

test('a question whose own time is over is unknown, and the others are answered', async () => {
  const flows = [inside('hung', { port: 636 }), inside('well', { port: 389 })]
  const connect = (place: string) => (place.endsWith(':636') ? ('hang' as const) : ('connected' as const))
  const { of, report } = await checked(flows, { connect }, { questionBudgetMs: 20, totalBudgetMs: 200 })
  assert.deepEqual([of('hung').verdict, of('hung').cause], ['unknown', 'undetermined'])
  assert.match(of('hung').says, /the time for one question \(20 ms\) was over during the connection attempt/)
  assert.equal(of('well').verdict, 'open')
  assert.ok(report.findings.some(({ flows }) => flows.includes('hung')))
})

for (const service of ['ldaps', 'gcs', 'winrms', 'amqps', 'https', 'wss', 'tls', 'ldap', 'tcp'] as const) {
  const isPrepared = service !== 'ldap' && service !== 'tcp'
  test(`what a first handshake would wait for is ${isPrepared ? '' : 'not '}made ready where ${service} is asked`, async () => {
    const { net } = scriptedNet({ connect: () => 'refused' })
    let prepared = 0
    const prepare = (): void => {
      prepared += 1
    }
    await check(
      checkInput([flowOf({ target: { service } })]),
      { ...net, prepare },
      { signal: new AbortController().signal },
    )
    assert.equal(prepared, isPrepared ? 1 : 0)
  })
}

const standIn = { necessity: 'optional', fallbackFor: 'main' } as const

for (const { main, dialled, verdict, why } of [
  { main: 'connected', dialled: false, verdict: 'not-required', why: 'works' },
  { main: 'refused', dialled: true, verdict: 'open', why: 'is refused' },
  { main: 'timeout', dialled: true, verdict: 'open', why: 'is silent' },
] as const) {
  test(`a flow that only stands in for another one is ${dialled ? '' : 'not '}asked where that one ${why}`, async () => {
    const flows = [
      inside('status', { port: 8080 }, standIn),
      inside('main', { port: 443 }),
      inside('other', { port: 636 }),
    ]
    const connect = (place: string) => (place.endsWith(':443') ? main : ('connected' as const))
    const seen = await checked(flows, { connect })
    assert.equal(seen.dialled.includes('10.1.0.5:8080'), dialled)
    assert.equal(seen.of('status').verdict, verdict)
    if (!dialled) assert.equal(seen.of('status').says, 'not asked: main works, for which it stands in')
  })
}

test('it is asked where one of several names of the other flow fails, and where no such flow is in the check', async () => {
  const two = [
    inside('status', { port: 8080 }, standIn),
    inside('main', { port: 443 }),
    inside('main', { address: '10.1.0.6', port: 443 }),
  ]
  const connect = (place: string) => (place === '10.1.0.6:443' ? ('refused' as const) : ('connected' as const))
  assert.equal((await checked(two, { connect })).of('status').verdict, 'open')
  assert.equal((await checked(two.slice(0, 1), { connect })).of('status').verdict, 'open')
})

test('what is needed anyway is asked, whatever it replaces in old builds', async () => {
  const flows = [inside('status', { port: 8080 }, { ...standIn, necessity: 'required' }), inside('main', { port: 443 })]
  const { dialled } = await checked(flows, { connect: () => 'connected' })
  assert.ok(dialled.includes('10.1.0.5:8080'))
})

test('a probe that throws costs its own flow and no other, and says so', async () => {
  const flows = [inside('hostile', { port: 636 }), inside('well', { port: 389 })]
  const connect = (place: string) => {
    if (place.endsWith(':636')) throw new TypeError('octets is not iterable')
    return 'connected' as const
  }
  const { of, report } = await checked(flows, { connect })
  assert.deepEqual([of('hostile').verdict, of('hostile').cause, of('hostile').owner], ['unknown', 'tool-limit', 'tool'])
  assert.match(of('hostile').says, /the tcp probe of Postern failed: octets is not iterable/)
  assert.equal(of('well').verdict, 'open')
  assert.equal(report.flows.length, 2)
})

test('a look-up that throws costs its own flow and no other', async () => {
  const flows = [outside('hostile', 'a.example'), inside('well', { port: 389 })]
  const lookup = () => {
    throw new TypeError('no such type')
  }
  const { of } = await checked(flows, { lookup })
  assert.deepEqual([of('hostile').verdict, of('hostile').cause], ['unknown', 'tool-limit'])
  assert.equal(of('well').verdict, 'open')
})

test('a control that throws costs the comparison, and the failure stands', async () => {
  let times = 0
  const connect = () => {
    times += 1
    if (times > 1) throw new TypeError('no')
    return 'refused' as const
  }
  const { of } = await checked([inside('closed', { port: 636 })], { connect })
  assert.equal(of('closed').cause, 'refused')
})

test('a flow that must be closed is held against what other flows showed of the host, and nothing is asked for it', async () => {
  const flows = [
    inside('shut', { port: 22 }, { expect: 'closed', necessity: 'not-required' }),
    inside('well', { port: 389 }),
    inside('elsewhere', { address: '10.1.0.6', port: 22 }),
  ]
  const connect = (place: string) => (place === '10.1.0.5:22' ? ('timeout' as const) : ('connected' as const))
  const { of, dialled } = await checked(flows, { connect })
  assert.deepEqual([of('shut').verdict, of('shut').confidence], ['blocked', 'likely'])
  assert.match(of('shut').says, /389 on the same host answers/)
  assert.deepEqual(
    of('shut').evidence.map(({ role }) => role),
    ['probe', 'context'],
  )
  assert.deepEqual(dialled.toSorted(), ['10.1.0.5:22', '10.1.0.5:389', '10.1.0.6:22'])
})

const found = ({ name }: { readonly name: string }) => ({
  outcome: 'answer' as const,
  rcode: 0,
  answers: [name === 'crl.one.example' ? '20.1.1.1' : '20.1.1.2'],
})

test('two names that are both sent to one foreign host are held against each other: a portal', async () => {
  const flows = [outside('one', 'crl.one.example'), outside('two', 'crl.two.test')]
  const request = () => ({ status: 302, headers: { location: 'http://portal.hotel.invalid/' } })
  const { of, dialled } = await checked(flows, { lookup: found, request })
  for (const id of ['one', 'two']) assert.deepEqual([of(id).verdict, of(id).cause], ['wrong', 'captive-portal'])
  assert.deepEqual(dialled.toSorted(), ['20.1.1.1:80', '20.1.1.2:80'], 'what is known costs no connection')
})

test('one redirect alone accuses nobody', async () => {
  const flows = [outside('one', 'crl.one.example'), outside('two', 'crl.two.test')]
  const request = (url: string) =>
    url.includes('one') ? { status: 302, headers: { location: 'http://www.other.invalid/' } } : {}
  const { of } = await checked(flows, { lookup: found, request })
  assert.deepEqual([of('one').verdict, of('two').verdict], ['open', 'open'])
})

test('an answer that broke off is asked for again as a whole: one that works then is a node of several', async () => {
  const flows = [outside('one', 'crl.one.example')]
  const request = (_url: string, time: number) => (time === 1 ? { outcome: 'reset' as const } : {})
  const { of } = await checked(flows, { lookup: found, request })
  assert.deepEqual([of('one').verdict, of('one').cause], ['degraded', 'one-bad-node'])
})

test('an answer that breaks off each time is no bad node, whatever the connections do', async () => {
  const flows = [outside('one', 'crl.one.example')]
  const { of } = await checked(flows, { lookup: found, request: () => ({ outcome: 'reset' }) })
  assert.deepEqual([of('one').verdict, of('one').cause], ['unknown', 'undetermined'])
  assert.equal(of('one').evidence.filter(({ kind }) => kind === 'http-exchange').length, 2)
})

test('an address that refuses beside another one of the name that accepts is one bad node', async () => {
  const flows = [outside('one', 'crl.one.example')]
  const lookup = () => ({ outcome: 'answer' as const, rcode: 0, answers: ['20.1.1.1', '20.1.1.2'] })
  const connect = (place: string) => (place === '20.1.1.1:80' ? ('refused' as const) : ('connected' as const))
  const { of } = await checked(flows, { lookup, connect })
  assert.deepEqual([of('one').verdict, of('one').cause, of('one').confidence], ['degraded', 'one-bad-node', 'likely'])
})

const three = () => ({
  outcome: 'answer' as const,
  rcode: 0,
  answers: ['20.1.1.1', '20.1.1.2', '20.1.1.3'],
})
const oneOfThree = (place: string) =>
  place.startsWith('20.1.1.1:') ? 'refused' : place.startsWith('20.1.1.2:') ? 'timeout' : 'connected'

test('of three addresses the one that is shut and the silent one are told apart from the one that works', async () => {
  const { report } = await checked(
    [outside('one', 'crl.one.example')],
    { lookup: three, connect: oneOfThree },
    { everyAddress: true },
  )
  assert.deepEqual(
    report.flows.map(({ target, verdict, cause, confidence }) => [target.address, verdict, cause, confidence]),
    [
      ['20.1.1.1', 'degraded', 'one-bad-node', 'likely'],
      ['20.1.1.2', 'degraded', 'one-bad-node', 'likely'],
      ['20.1.1.3', 'open', undefined, 'certain'],
    ],
  )
  for (const { says } of report.flows.slice(0, 2)) assert.match(says, /and 20\.1\.1\.3:80 under the same name works$/)
})

test('an address that leaves a request without an answer is held against every other one, whichever it is', async (t) => {
  const { net } = scriptedNet({ lookup: three })
  const silent = {
    ...net,
    request: (async (over, question, limits) => {
      const seen = await net.request(over, question, limits)
      if (question.address === '20.1.1.3') return seen
      const { status: _, firstByteMs: __, ...rest } = seen
      return { ...rest, outcome: 'timeout', ms: 3000 }
    }) as typeof net.request,
  }
  const input = checkInput([outside('one', 'crl.one.example')], {
    from: 'connect01',
    resolvers: { internal: [resolver], control: [] },
  })
  const { flows } = await check(input, silent, { signal: t.signal, everyAddress: true })
  assert.deepEqual(
    flows.map(({ target, cause }) => [target.address, cause]),
    [
      ['20.1.1.1', 'one-bad-node'],
      ['20.1.1.2', 'one-bad-node'],
      ['20.1.1.3', undefined],
    ],
  )
})

test('unless it is asked for, the first address stands for its name', async () => {
  const script = {
    lookup: three,
    connect: (place: string) => (place.startsWith('20.1.1.1:') ? 'connected' : 'refused'),
  }
  const { report, dialled } = await checked([outside('one', 'crl.one.example')], script as Script)
  assert.deepEqual([report.flows.length, dialled], [1, ['20.1.1.1:80']])
})

test('of a name with very many addresses sixteen of a family are asked', async () => {
  const answers = Array.from({ length: 40 }, (_, at) => `20.1.2.${at + 1}`)
  const lookup = () => ({ outcome: 'answer' as const, rcode: 0, answers })
  const { report } = await checked([outside('one', 'crl.one.example')], { lookup }, { everyAddress: true })
  assert.equal(report.flows.length, 16)
})

test('a name that nobody knows is told as ever where every address is to be asked', async () => {
  const { of } = await checked([outside('one', 'crl.one.example')], {}, { everyAddress: true })
  assert.deepEqual([of('one').verdict, of('one').target.address], ['unknown', undefined])
})

test('what was accepted before Ctrl-C counts against a flow that must be closed; the rest is not run', async () => {
  const interrupt = new AbortController()
  const flows = [
    inside('open', { port: 80, service: 'http' }, { expect: 'closed', necessity: 'not-required' }),
    inside('later', { port: 636 }),
  ]
  const connect = (place: string) => (place.endsWith(':636') ? ('hang' as const) : ('connected' as const))
  const request = () => {
    interrupt.abort()
    return { outcome: 'aborted' as const }
  }
  const { of, report } = await checked(flows, { connect, request }, {}, interrupt.signal)
  assert.equal(report.interrupted, true)
  assert.equal(of('open').verdict, 'open')
  assert.equal(of('later').verdict, 'not-run')
  assert.deepEqual(
    report.findings.map(({ code }) => code),
    ['forbidden-flow-open'],
  )
})

const answered = (offsetMs: number) => ({
  outcome: 'answer' as const,
  bytesIn: 48,
  time: {
    kind: 'time' as const,
    leap: 'none' as const,
    version: 4,
    stratum: 2,
    reference: '10.1.0.1',
    rootDelayMs: 0,
    rootDispersionMs: 0,
    offsetMs,
    delayMs: 1,
  },
})
const timeFlow = (flow: string, address: string) =>
  inside(flow, { address, port: 123, transport: 'udp', service: 'ntp' })

test('a silent time server is asked twice, and its host is knocked at over TCP', async () => {
  const { of, dialled } = await checked([timeFlow('time', '10.1.0.5')], {})
  assert.deepEqual(dialled.slice(0, 2), ['10.1.0.5:123/udp', '10.1.0.5:123/udp'])
  assert.deepEqual(dialled.slice(2).toSorted(), ['10.1.0.5:443', '10.1.0.5:80'])
  const { verdict, cause, confidence, evidence } = of('time')
  assert.deepEqual([verdict, cause, confidence], ['blocked', 'udp-only-filtered', 'likely'])
  assert.deepEqual(
    evidence.map(({ role }) => role),
    ['probe', 'repeat', 'control', 'control'],
  )
})

test('a time server that is silent beside one that answers is held against it', async () => {
  const time = (place: string) => (place.startsWith('10.1.0.6') ? answered(3) : {})
  const flows = [timeFlow('silent', '10.1.0.5'), timeFlow('well', '10.1.0.6')]
  const { of } = await checked(flows, { time, connect: () => 'timeout' })
  assert.equal(of('well').verdict, 'open')
  // The ports that were knocked at are silent too: the host may be off.
  assert.deepEqual([of('silent').verdict, of('silent').cause], ['unknown', 'undetermined'])
})

test('of two clocks that differ a third one, which another flow showed, tells the wrong one', async () => {
  const time = () => answered(3_600_000)
  const flows = [timeFlow('time', '10.1.0.5'), outside('web', 'crl.one.example')]
  const says = (date: string) => ({ time, lookup: found, request: () => ({ headers: { date } }) })
  const server = await checked(flows, says('Fri, 20 Nov 2026 10:00:00 GMT'))
  assert.deepEqual([server.of('time').cause, server.of('time').alternatives], ['clock-skew', []])
  const machine = await checked(flows, says('Fri, 20 Nov 2026 11:00:00 GMT'))
  assert.deepEqual([machine.of('time').cause, machine.of('time').confidence], ['clock-wrong', 'certain'])
  assert.deepEqual(machine.dialled.toSorted(), ['10.1.0.5:123/udp', '20.1.1.1:80'], 'what is known costs no connection')
})
