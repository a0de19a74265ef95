import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInput } from '../../test/checkInput.ts'
import { cloudFlow, flowOf } from '../../test/observed.ts'
import { scriptedNet } from '../../test/scriptedNet.ts'
import type { TcpConnect } from '../model/observation.ts'
import { check } from './check.ts'

const proxy = '10.1.0.9:3128'
const names = ['login.microsoftonline.com', 'graph.microsoft.com', 'crl3.digicert.com']
const proxied = names.map((name) => cloudFlow({ via: 'egress', target: { name, port: 80, service: 'http' } }))

/** What a check comes to where connections end so, by their place; the others are silent. */
async function checked(
  ends: Readonly<Record<string, TcpConnect['outcome']>>,
  more: readonly ReturnType<typeof flowOf>[] = [],
) {
  const { net, dialled } = scriptedNet({ connect: (place) => ends[place] ?? 'timeout' })
  const input = checkInput([...proxied, ...more], { proxies: { egress: { host: '10.1.0.9', port: 3128 } } })
  const report = await check(input, net, { signal: AbortSignal.timeout(30_000), timeoutMs: 100 })
  return { report, dialled }
}

const causesOf = ({ flows }: Awaited<ReturnType<typeof checked>>['report']) =>
  flows.filter(({ via }) => via !== undefined).map(({ cause, confidence }) => `${cause} ${confidence}`)

test('a silent proxy is not there for all that goes through it, by what another flow was answered, and is one finding', async () => {
  const controller = flowOf({ target: { service: 'tcp', address: '10.1.0.5', port: 389 } })
  const { report, dialled } = await checked({ '10.1.0.5:389': 'connected' }, [controller])
  assert.deepEqual(new Set(causesOf(report)), new Set(['proxy-dead likely']))
  assert.deepEqual(
    report.findings.map(({ code, where }) => `${code} at ${where.target}`),
    ['proxy-dead at proxy egress'],
  )
  assert.ok(!dialled.includes('10.1.0.9:443'), 'what is known already is not asked again')
})

test('where nothing has answered its own host is asked at other ports, and one that refuses shows that there is a way', async () => {
  const { report } = await checked({ '10.1.0.9:443': 'refused' })
  assert.deepEqual(new Set(causesOf(report)), new Set(['proxy-dead likely']))
  assert.deepEqual(report.flows[0]?.alternatives, ['filtered-silently'])
})

test('a flow to the silent proxy itself is no second trouble', async () => {
  const toProxy = flowOf({
    to: 'egress',
    toRole: 'outbound-proxy',
    target: { service: 'tcp', address: '10.1.0.9', port: 3128 },
  })
  const { report } = await checked({ '10.1.0.5:389': 'connected' }, [
    toProxy,
    flowOf({ target: { service: 'tcp', address: '10.1.0.5', port: 389 } }),
  ])
  assert.deepEqual(
    report.findings.map(({ code, flows }) => `${code} ${flows.length}`),
    [`proxy-dead ${new Set(report.flows.filter(({ verdict }) => verdict !== 'open').map(({ flow }) => flow)).size}`],
  )
})

test('where everything is silent nobody is accused: it may be the network of this machine', async () => {
  const { report } = await checked({})
  assert.deepEqual(new Set(causesOf(report)), new Set(['undetermined undetermined']))
})

test('a proxy that is reached is no dead one, and its other ports are nobody’s matter', async () => {
  const { report, dialled } = await checked({ [proxy]: 'connected' })
  assert.ok(!report.flows.some(({ cause }) => cause === 'proxy-dead'))
  assert.ok(!dialled.some((place) => place.startsWith('10.1.0.9:') && place !== proxy))
})
