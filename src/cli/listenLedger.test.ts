import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptySite, hostOf } from '../../test/sites.ts'
import type { Site } from '../model/site.ts'
import type { Arrival } from '../net/answerAt.ts'
import { doorsAt } from '../plan/doorsAt.ts'
import { planFlows } from '../plan/planFlows.ts'
import { ListenLedger } from './listenLedger.ts'

const flow = { to: 'app01', transport: ['tcp', 'udp'], service: 'tcp', forbid: false } as const
const site: Site = {
  ...emptySite,
  hosts: {
    near: hostOf([], '10.1.0.10'),
    shy: hostOf([], '10.1.0.11'),
    somewhere: hostOf([]),
    app01: hostOf([], '10.1.0.5'),
  },
  networks: { staff: { roles: [], prefixes: ['10.2.0.0/16', '2001:db8::/32'] } },
  flows: [
    { ...flow, id: 'payroll', from: 'staff', ports: [8443] },
    { ...flow, id: 'sync', from: 'near', ports: [8443, 8444] },
    { ...flow, id: 'never', from: 'shy', ports: [8443], forbid: true },
    { ...flow, id: 'unplaced', from: 'somewhere', ports: [8444] },
  ],
}

function ledgerFor(isOpen: (port: number) => boolean = () => true): ListenLedger {
  const { doors, doorless } = doorsAt(planFlows(site), 'app01', { ofRange: 1 })
  return new ListenLedger(doors, doorless, ({ port }) => isOpen(port))
}

function arrival(kind: Arrival['kind'], address: string, port = 8443): Arrival {
  const transport = kind === 'datagram' || kind === 'unanswered' ? 'udp' : 'tcp'
  return { at: { address: '10.1.0.5', port, transport }, from: { address, port: 50_123 }, kind }
}

const seenOf = (ledger: ListenLedger, id: string, transport: string, port = 8443): string | undefined =>
  ledger.report().flows.find((one) => one.flow === id && one.transport === transport && one.port === port)?.seen

test('who comes is told with the planned flow that has the address, by host or by network', () => {
  const ledger = ledgerFor()
  assert.equal(ledger.take(arrival('connected', '10.1.0.10')), undefined)
  assert.equal(
    ledger.take(arrival('spoke', '10.1.0.10')),
    '10.1.0.10:50123 connected to 8443/tcp, and octets came; sync from near',
  )
  assert.equal(
    ledger.take(arrival('silent', '2001:db8::7')),
    '[2001:db8::7]:50123 connected to 8443/tcp, and said nothing; payroll from staff',
  )
})

test('a connection proves both ways, a datagram the way here, and a connection that nobody completes one way only', () => {
  const ledger = ledgerFor()
  ledger.take(arrival('connected', '10.1.0.10'))
  ledger.take(arrival('datagram', '10.1.0.10'))
  const line = ledger.takeHalfOpen({ port: 8443, peer: { address: '10.2.3.4', port: 50_001 } })
  assert.equal(
    line,
    '10.2.3.4:50001 asks for 8443/tcp and does not hear the answer: the way back is cut; payroll from staff',
  )
  assert.deepEqual(
    [seenOf(ledger, 'sync', 'tcp'), seenOf(ledger, 'sync', 'udp'), seenOf(ledger, 'payroll', 'tcp')],
    ['connected', 'arrived', 'half-open'],
  )
  assert.equal(seenOf(ledger, 'payroll', 'udp'), 'not-seen')
})

test('what was half-open once and stood later is open, and not the other way round', () => {
  const ledger = ledgerFor()
  ledger.takeHalfOpen({ port: 8443, peer: { address: '10.1.0.10', port: 1 } })
  ledger.take(arrival('connected', '10.1.0.10'))
  ledger.takeHalfOpen({ port: 8443, peer: { address: '10.1.0.10', port: 2 } })
  assert.equal(seenOf(ledger, 'sync', 'tcp'), 'connected')
})

test('an address of no planned opener is kept apart, unless a flow is planned from where the plan has no address', () => {
  const ledger = ledgerFor()
  const line = ledger.take(arrival('datagram', '192.0.2.1'))
  assert.equal(
    line,
    '192.0.2.1:50123 sent a datagram to 8443/udp, which was answered; no planned opener has this address',
  )
  ledger.take(arrival('connected', '192.0.2.1', 8444))
  const { others } = ledger.report()
  assert.deepEqual(others, [{ address: '192.0.2.1', times: 1, port: 8443, transport: 'udp' }])
  assert.equal(seenOf(ledger, 'unplaced', 'tcp', 8444), 'connected')
})

test('who must not come is told so', () => {
  const line = ledgerFor().take(arrival('spoke', '10.1.0.11'))
  assert.match(line ?? '', /never from shy, which must be closed$/)
})

test('what is repeated is counted, and told every time that ten times as many have come', () => {
  const ledger = ledgerFor()
  const lines = Array.from({ length: 1000 }, () => ledger.take(arrival('datagram', '10.1.0.10'))).filter(
    (line) => line !== undefined,
  )
  assert.deepEqual(
    lines.map((line) => /; (\d+ times|sync)/.exec(line)?.[1]),
    ['sync', '10 times', '100 times', '1000 times'],
  )
})

test('who was gone before it could be asked has no address, and is told in words each time', () => {
  const ledger = ledgerFor()
  const lines = Array.from({ length: 10 }, () => ledger.take(arrival('silent', '', 8443)))
  assert.equal(
    lines[0],
    'somebody who was gone again connected to 8443/tcp, and said nothing; no planned opener has this address',
  )
  assert.equal(lines[9], 'somebody who was gone again connected to 8443/tcp, and said nothing; 10 times by now')
})

test('a flood of addresses fills neither screen nor memory, and hides no planned flow', () => {
  const ledger = ledgerFor()
  let lines = 0
  for (let at = 0; at < 20_000; at += 1) {
    if (ledger.take(arrival('datagram', `192.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)) !== undefined) lines += 1
    if (ledger.take(arrival('datagram', `10.2.${(at >> 8) & 255}.${at & 255}`)) !== undefined) lines += 1
  }
  assert.match(
    ledger.take(arrival('datagram', '10.1.0.10')) ?? '',
    /^10\.1\.0\.10:50123 sent a datagram .*sync from near$/,
  )
  assert.equal(ledger.take(arrival('datagram', '10.1.0.10')), undefined)
  const cut = ledger.takeHalfOpen({ port: 8443, peer: { address: '10.1.0.10', port: 1 } })
  assert.match(cut ?? '', /^10\.1\.0\.10:1 asks for 8443\/tcp and does not hear the answer/)
  assert.equal(lines, 1001)
  const report = ledger.report()
  assert.equal(seenOf(ledger, 'sync', 'udp'), 'arrived')
  assert.equal(report.others.length, 64)
  assert.equal(report.furtherOthers, 20_000 - 64)
  const payroll = report.flows.find((one) => one.flow === 'payroll' && one.transport === 'udp')
  assert.equal(payroll?.peers.length, 16)
  assert.equal(payroll?.furtherTimes, 20_000 - 16)
})

test('a port that is not open has flows that could not be seen, and not flows that did not come', () => {
  const ledger = ledgerFor((port) => port !== 8444)
  assert.equal(seenOf(ledger, 'sync', 'tcp', 8444), 'not-listened')
  const { summary } = ledger.report()
  assert.equal(summary.notListened, 4)
})
