/** Resolvers of a site that serve its zone and get nothing from outside, as a whole check tells it. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import dnsPacket from 'dns-packet'
import { check } from '../src/check/check.ts'
import type { ResolverAddress } from '../src/check/resolveNames.ts'
import { checkHtml } from '../src/cli/render/checkHtml.ts'
import { checkText } from '../src/cli/render/checkText.ts'
import { createNet } from '../src/net/createNet.ts'
import { checkInput } from './checkInput.ts'
import { cloudFlow, flowOf } from './observed.ts'

const net = createNet({ trust: { site: [], machine: [] }, userAgent: 'postern/test' })
const page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }

/** What a name server does with names outside of the zone that it serves. */
type Outside = (name: string) => 'fails' | 'silent' | 'missing'

interface Served extends ResolverAddress {
  readonly asked: string[]
}

/** A name server for corp.example, which has what is outside from others. */
async function nameServer(t: { after(end: () => void): void }, outside: Outside, servesZone = true): Promise<Served> {
  const socket = createSocket('udp4')
  const names: string[] = []
  socket.on('message', (octets, { port, address }) => {
    const { id = 0, questions = [] } = dnsPacket.decode(octets)
    const name = questions[0]?.name.toLowerCase() ?? ''
    names.push(`${name} ${questions[0]?.type}`)
    const own = servesZone && (name === 'corp.example' || name.endsWith('.corp.example'))
    const does = own ? 'serves' : outside(name)
    if (does === 'silent') return
    const flags = { serves: 0x0480, fails: 0x0082, missing: 0x0083 }[does]
    const [question] = questions
    const answers =
      !own || question === undefined
        ? []
        : question.type === 'SOA'
          ? [
              {
                name: question.name,
                type: 'SOA' as const,
                ttl: 60,
                data: { mname: 'dc01.corp.example', rname: 'hostmaster.corp.example', serial: 4 },
              },
            ]
          : question.type === 'A'
            ? [{ name: question.name, type: 'A' as const, ttl: 60, data: '127.0.0.1' }]
            : []
    const answer = dnsPacket.encode({
      type: 'response',
      id,
      flags,
      questions,
      answers,
      authorities: [],
      additionals: [],
    })
    socket.send(answer, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return { address: '127.0.0.1', port: socket.address().port, asked: names }
}

const organisations = [
  'microsoftonline.com',
  'microsoft.com',
  'windows.net',
  'azure.com',
  'msappproxy.net',
  'digicert.com',
  'msocsp.com',
]
const names = organisations.flatMap((one) => ['login', 'eu', 'www'].map((host) => `${host}.${one}`))
const outward = names.map((name) => cloudFlow({ target: { name, port: 1, service: 'tcp' } }))

async function reportOf(t: { readonly signal: AbortSignal }, internal: readonly ResolverAddress[], flows = outward) {
  return await check(
    checkInput(flows, {
      from: 'connect01',
      context: { cloud: 'worldwide', domain: 'corp.example', trusted: [], names: {} },
      resolvers: { internal, control: [] },
    }),
    net,
    { signal: t.signal, timeoutMs: 1000 },
  )
}

for (const outside of ['fails', 'silent'] as const) {
  test(`21 names outside that a resolver ${outside === 'fails' ? 'fails at' : 'is silent to'} are one trouble, its forwarders, where it serves the zone of the site`, async (t) => {
    const resolver = await nameServer(t, () => outside)
    const report = await reportOf(t, [resolver])
    assert.deepEqual(
      new Set(report.flows.map(({ cause, owner }) => `${cause} ${owner}`)),
      new Set(['forwarding-fails dns']),
    )
    const [finding, ...more] = report.findings
    assert.equal(more.length, 0, report.findings.map(({ what }) => what).join('\n'))
    assert.equal(finding?.where.target, `resolver 127.0.0.1:${resolver.port}`)
    assert.match(finding?.next ?? '', /put forwarders that answer/)
    const text = checkText(report, page)
    assert.match(text, /and 20 more alike/)
    assert.equal(text.match(/cause forwarding-fails/g)?.length, 1)
    assert.equal(
      checkHtml(report).match(/<h3/g)?.length,
      checkHtml({ ...report, flows: report.flows.slice(0, 1) }).match(/<h3/g)?.length,
    )
    assert.equal(
      resolver.asked.filter((one) => one === 'corp.example SOA').length > 2,
      false,
      'the zone is asked for once',
    )
  })
}

test('one name outside that it gives, or knows to be missing, takes the accusation back', async (t) => {
  const resolver = await nameServer(t, (name) => (name.endsWith('digicert.com') ? 'missing' : 'fails'))
  const report = await reportOf(t, [resolver])
  assert.ok(!report.flows.some(({ cause }) => cause === 'forwarding-fails'))
})

test('a resolver that serves no zone of the site and fails at everything is not said to lack forwarders', async (t) => {
  const resolver = await nameServer(t, () => 'fails', false)
  const report = await reportOf(t, [resolver])
  assert.ok(!report.flows.some(({ cause }) => cause === 'forwarding-fails'))
})

test('a resolver whose forwarders fail leaves the names that it serves open', async (t) => {
  const resolver = await nameServer(t, () => 'fails')
  const inside = flowOf({ target: { name: 'app01.corp.example', port: resolver.port, service: 'tcp' } })
  const { address: _none, ...target } = inside.target
  const report = await reportOf(t, [resolver], [{ ...inside, target }, ...outward])
  const [first, ...others] = report.flows
  assert.notEqual(first?.cause, 'forwarding-fails')
  assert.ok(others.every(({ cause }) => cause === 'forwarding-fails'))
})
