import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ListenFlow, ListenReport } from '../../model/listenReport.ts'
import { listenBeginning, listenReasons, listenText } from './listenText.ts'
import type { Page } from './page.ts'

const page: Page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }

const flow = (id: string, port: number, over: Partial<ListenFlow> = {}): ListenFlow => ({
  flow: id,
  from: 'connect01',
  to: 'dc01',
  necessity: 'required',
  expect: 'open',
  port,
  transport: 'tcp',
  service: 'ldap',
  seen: 'not-seen',
  spoke: false,
  peers: [],
  furtherTimes: 0,
  ...over,
})
const peers = [{ address: '10.1.0.10', times: 3 }]

const report: ListenReport = {
  postern: '0.1.0',
  kind: 'listen',
  site: 'hq',
  as: 'dc01',
  startedAt: '2026-01-02T10:00:00.000Z',
  durationMs: 61_000,
  seesHalfOpen: true,
  summary: { connected: 2, arrived: 1, halfOpen: 1, notSeen: 1, notListened: 2 },
  doors: [
    { port: 88, transport: 'tcp', open: [], left: [{ address: '10.1.0.5', code: 'EACCES' }] },
    { port: 389, transport: 'tcp', open: ['10.1.0.5'], left: [{ address: '10.1.0.6', code: 'EADDRINUSE' }] },
    { port: 389, transport: 'udp', open: ['0.0.0.0', '::'], left: [] },
    { port: 636, transport: 'tcp', open: ['10.1.0.5'], left: [] },
    { port: 49_152, transport: 'tcp', range: { first: 49_152, last: 65_535 }, open: ['10.1.0.5'], left: [] },
  ],
  flows: [
    flow('t1-kerberos', 88, { seen: 'not-listened' }),
    flow('t1-ldap', 389, { seen: 'connected', spoke: true, peers }),
    flow('t1-ldap', 389, { transport: 'udp', seen: 'arrived', spoke: true, peers, furtherTimes: 4 }),
    flow('t1-ldaps', 636, { seen: 'half-open', peers }),
    flow('t1-gc', 3268),
    flow('never', 389, { expect: 'closed', seen: 'connected', peers }),
    flow('shut', 25, { expect: 'closed', seen: 'not-listened', why: 'it must be closed: nothing is opened for it' }),
  ],
  others: [{ address: '192.0.2.1', times: 1, port: 389, transport: 'tcp' }],
  furtherOthers: 2,
}

test('the summary has what is cut first, and of each flow who came and what that means', () => {
  const text = listenText(report, page)
  const lines = text.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))
  assert.deepEqual(lines.slice(1), [
    '2 both ways, 1 came here, 1 one way only, 1 not seen, 2 not open here',
    '',
    'one way | 636/tcp | connect01 | t1-ldaps: 10.1.0.10 3 times; what goes back does not arrive',
    'not seen | 3268/tcp | connect01 | t1-gc; nobody asked, or the way there is cut',
    'came here | 389/udp | connect01 | t1-ldap: 10.1.0.10 3 times and 4 times by others; that the answer gets back is known on the near side',
    'both ways | 389/tcp | connect01 | t1-ldap: 10.1.0.10 3 times',
    'both ways | 389/tcp | connect01 | never: 10.1.0.10 3 times; must be closed; connected, and no octets came',
    '',
    'From addresses of no planned opener (a translation on the way, or somebody else):',
    '192.0.2.1 389/tcp, once',
    '2 times by further ones',
    '',
  ])
})

test('the beginning says what stands open, where, and what does not and why', () => {
  const text = listenBeginning(report, listenReasons(report.doors, 'linux'), page)
  assert.match(text, /^dc01 of hq: answers on 4 planned ports, in words of its own$/m)
  assert.match(text, /^ {2}389\/udp +all addresses +t1-ldap from connect01$/m)
  assert.match(text, /^ {2}49152\/tcp +10\.1\.0\.5 +\(of 49152-65535\)$|49152\/tcp/m)
  assert.match(text, /^ {2}88\/tcp: ports under 1024 need a right .*sudo/m)
  assert.match(text, /^ {2}389\/tcp on 10\.1\.0\.6: another program has it/m)
  assert.match(text, /^ {2}shut from connect01: it must be closed/m)
  assert.match(text, /^On the near side now: postern check --from connect01$/m)
  const inCheckout = listenBeginning(report, [], { ...page, width: 120, program: 'npm run -s postern --' })
  assert.match(inCheckout, /^On the near side now: npm run -s postern -- check --from connect01$/m)
})

test('of a range that an endpoint mapper gives out, it is said how one port of it is asked before', () => {
  const range = { first: 49_152, last: 65_535 }
  const dynamic = flow('t1-rpc-dynamic', 0, { port: null, range, service: 'rpc' })
  const text = (flows: readonly ListenFlow[]) => listenBeginning({ ...report, flows }, [], page)
  assert.match(text([dynamic]), /^That asks no port of 49152-65535 before .*: postern check tcp:\/\/ADDRESS:49152$/m)
  assert.doesNotMatch(text(report.flows), /That asks no port/)
})

test('the remedy of a port without the right is that of the platform', () => {
  const doors = [{ port: 88, transport: 'tcp' as const, open: [], left: [{ address: '::', code: 'EACCES' }] }]
  assert.match(listenReasons(doors, 'win32').join(), /excludedportrange/)
  assert.match(listenReasons(doors, 'darwin').join(), /start it with sudo$/)
})

test('names of a site file act on no terminal and stand in the width of the page', () => {
  for (const hostile of ['\u001b[2J', 'a\nb', '\u202egpj', '\u009b31m']) {
    const bad: ListenReport = {
      ...report,
      site: hostile,
      as: hostile,
      flows: report.flows.map((one) => ({
        ...one,
        flow: hostile,
        from: hostile,
        ...(one.why !== undefined && { why: hostile }),
      })),
    }
    for (const width of [40, 80]) {
      const text = listenText(bad, { ...page, width }) + listenBeginning(bad, [], { ...page, width })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    }
  }
})

test('on any width no line is wider than the page', () => {
  fc.assert(
    fc.property(fc.integer({ min: 40, max: 160 }), (width) => {
      const narrow = { ...page, width }
      const text = listenText(report, narrow) + listenBeginning(report, listenReasons(report.doors, 'linux'), narrow)
      for (const line of text.split('\n')) assert.ok(line.length <= width, `${width}: ${line}`)
    }),
  )
})
