/** What a check says of each stand-in: that it is well, or the one thing that is wrong with it, and nothing else. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { check } from '../../src/check/check.ts'
import type { FlowReport } from '../../src/model/report.ts'
import type { ServiceAnswer } from '../../src/model/serviceAnswer.ts'
import { createNet } from '../../src/net/createNet.ts'
import type { Net } from '../../src/net/net.ts'
import { askProbe } from '../askProbe.ts'
import { checkInput } from '../checkInput.ts'
import { flowOf } from '../observed.ts'
import { makeChain } from '../pki.ts'
import { openAdws } from './adws.ts'
import { openServiceBus } from './serviceBus.ts'
import { openServiceBusSocket } from './serviceBusSocket.ts'
import { openSqlServer } from './sqlServer.ts'
import type { Place, StandIn } from './standIn.ts'
import { openWinrm } from './winrm.ts'

const name = 'standin.corp.example'
const chain = await makeChain({ names: [{ type: 'dns', value: name }] })
const certificate = { cert: chain.leaf.pem + chain.intermediate.pem, key: chain.leaf.keyPem }
const net = createNet({ trust: { site: [chain.root.pem], machine: [], node: [] }, userAgent: 'postern/test' })
const place: Place = { address: '127.0.0.1', port: 0 }

type Service = 'adws' | 'winrm' | 'winrms' | 'amqps' | 'wss' | 'mssql'
interface Row {
  readonly service: Service
  readonly conduct: string
  open(): Promise<StandIn>
  readonly verdict: FlowReport['verdict']
  readonly cause?: FlowReport['cause']
  /** What the answer says that was seen of it. */
  readonly answer?: Partial<ServiceAnswer>
}

const wrong = { verdict: 'wrong', cause: 'not-the-service' } as const
const silent = { verdict: 'blocked', cause: 'silent-service' } as const
const unknown = { verdict: 'unknown', cause: 'undetermined' } as const
const open = { verdict: 'open' } as const

const rows: readonly Row[] = [
  ...(
    [
      { conduct: 'well', ...open, answer: { kind: 'framing', said: 'upgrade' } },
      { conduct: 'slow', ...open, answer: { kind: 'framing', said: 'upgrade' } },
      { conduct: 'paused', ...silent, answer: { kind: 'framing', said: 'fault', fault: 'EndpointPaused' } },
      { conduct: 'silent', ...silent },
      { conduct: 'closes', ...unknown },
      { conduct: 'leaves', ...unknown },
      { conduct: 'other-protocol', ...wrong },
      { conduct: 'line-feed', ...wrong },
    ] as const
  ).map((row) => ({ ...row, service: 'adws' as const, open: () => openAdws(place, { ...row, lateMs: 30 }) })),
  ...(
    [
      {
        conduct: 'well',
        ...open,
        answer: { kind: 'ws-management', said: 'identified', vendor: 'Microsoft Corporation' },
      },
      { conduct: 'only-sign-in', ...open, answer: { kind: 'ws-management', said: 'sign-in' } },
      { conduct: 'not-registered', ...wrong, answer: { kind: 'ws-management', said: 'not-registered' } },
      { conduct: 'stopped', ...silent, answer: { kind: 'ws-management', said: 'not-registered' } },
      { conduct: 'another-web-server', ...wrong },
      { conduct: 'captive-page', ...wrong },
    ] as const
  ).flatMap((row) => [
    { ...row, service: 'winrm' as const, open: () => openWinrm(place, row) },
    { ...row, service: 'winrms' as const, open: () => openWinrm(place, { ...row, certificate }) },
  ]),
  ...(
    [
      { conduct: 'well', ...open, answer: { kind: 'amqp', mechanisms: ['MSSBCBS', 'PLAIN', 'ANONYMOUS', 'EXTERNAL'] } },
      { conduct: 'amqp-0-9-1', ...wrong, answer: { kind: 'amqp-other', offered: 'AMQP 0-9-1' } },
      { conduct: 'no-sasl', ...wrong, answer: { kind: 'amqp-other', offered: 'AMQP 1.0.0 without SASL' } },
      { conduct: 'no-tls', ...wrong },
      { conduct: 'header-only', ...unknown },
      { conduct: 'silent', ...silent },
    ] as const
  ).map((row) => ({ ...row, service: 'amqps' as const, open: () => openServiceBus(place, { ...row, certificate }) })),
  ...(
    [
      { conduct: 'well', ...open },
      { conduct: 'wants-token', ...open },
      { conduct: 'no-upgrade', verdict: 'blocked', cause: 'upgrade-stripped' },
      { conduct: 'wrong-accept', ...wrong },
    ] as const
  ).map((row) => ({
    ...row,
    service: 'wss' as const,
    open: () => openServiceBusSocket(place, { ...row, certificate }),
  })),
  ...(
    [
      { conduct: 'well', ...open, answer: { kind: 'tds', version: '16.0.1000', encryption: 'off' } },
      { conduct: 'another-instance', ...open, answer: { kind: 'tds', version: '16.0.1000' } },
      { conduct: 'garbage', ...wrong },
      { conduct: 'closes', ...unknown },
      { conduct: 'silent', ...silent },
    ] as const
  ).map((row) => ({ ...row, service: 'mssql' as const, open: () => openSqlServer(place, row) })),
]

async function opened(t: TestContext, row: Pick<Row, 'open'>): Promise<number> {
  const standIn = await row.open()
  t.after(() => standIn.close())
  return standIn.port
}

for (const row of rows) {
  const { service, conduct, verdict, cause, answer } = row
  test(`${service} told to be ${conduct} is ${verdict}${cause === undefined ? '' : `: ${cause}`}`, async (t) => {
    const port = await opened(t, row)
    const path = service === 'wss' ? { path: '/$servicebus/websocket' } : {}
    const flow = flowOf({ target: { name, address: '127.0.0.1', port, transport: 'tcp', service, ...path } })
    // Who waits for what never comes is not to wait long.
    const timeoutMs = conduct === 'silent' || conduct === 'header-only' ? 1000 : 20_000
    const report = await check(checkInput([flow]), net, { signal: t.signal, timeoutMs })
    const [judged] = report.flows
    assert.deepEqual([judged?.verdict, judged?.cause], [verdict, cause], judged?.says ?? 'not judged')
    if (answer === undefined) return
    const answers = judged?.evidence.flatMap((seen) => ('answer' in seen ? [seen.answer] : [])) ?? []
    assert.partialDeepStrictEqual(answers[0], answer)
  })
}

test('who agrees to an upgrade and says more a while later has not agreed', async (t) => {
  const port = await opened(t, { open: () => openAdws(place, { conduct: 'line-feed' }) })
  const patient: Net = {
    ...net,
    askOctets: (over, question, limits) => net.askOctets(over, question, { ...limits, timeoutMs: 20_000 }),
  }
  const { kept } = await askProbe(patient, 'adws', { address: '127.0.0.1', port })
  const exchange = kept.find(({ kind }) => kind === 'service-exchange')
  assert.ok(exchange?.kind === 'service-exchange')
  assert.deepEqual([exchange.outcome, exchange.answer], ['other-protocol', undefined])
  assert.match(exchange.firstOctets ?? '', /^\\x0ACommands: /)
})
