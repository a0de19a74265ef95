import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Facts } from '../../test/fakeMachine.ts'
import { fakeMachine, nothingAsked } from '../../test/fakeMachine.ts'
import type { LookReport, LookState } from '../model/doctorReport.ts'
import { openFilesOf } from './descriptors.ts'
import { timeWaitOf } from './localPorts.ts'
import type { Look } from './look.ts'
import { lookAtMachine } from './lookAtMachine.ts'
import { looks } from './looks.ts'
import { searchDomainOf } from './ownDomain.ts'
import { rightsOf } from './rights.ts'

const signal = new AbortController().signal

async function lookFor(id: string, facts: Facts): Promise<LookReport> {
  const table = looks.filter((look) => look.id === id)
  const report = await lookAtMachine('0.1.0', fakeMachine(facts), nothingAsked, { signal, timeoutMs: 20_000 }, table)
  return report.looks[0] ?? assert.fail(`no look is called ${id}`)
}

const status = (userId: number, capabilities: string) =>
  `Uid:\t${userId}\t${userId}\t${userId}\t${userId}\nCapEff:\t${capabilities}\n`
const none = { '/proc/self/status': status(1000, '0000000000000000') }

interface Row {
  readonly id: string
  readonly when: string
  readonly facts: Facts
  readonly state: LookState
  readonly says: RegExp
}

const asksGroups = 'whoami /groups /fo csv /nh'
/** What Windows says of a user whose label is this; the names are in its language. */
const groups = (label: string): string =>
  `"Jeder","Bekannte Gruppe","S-1-1-0","Verbindliche Gruppe"\r\n"VORDEFINIERT\\Administratoren","Alias","S-1-5-32-544",""\r\n"Verbindliche Beschriftung\\Stufe","Bezeichnung","${label}",""\r\n`

const rows: readonly Row[] = [
  { id: 'rights', when: 'a user with CAP_NET_RAW', facts: {}, state: 'ok', says: /user 1000 may capture/ },
  { id: 'rights', when: 'a user without', facts: { files: none }, state: 'limits', says: /no network capability/ },
  {
    id: 'rights',
    when: 'Windows that does not tell',
    facts: { means: { platform: 'win32' } },
    state: 'unknown',
    says: /not told on win32/,
  },
  {
    id: 'rights',
    when: 'an administrator of Windows',
    facts: { means: { platform: 'win32' }, printed: { [asksGroups]: groups('S-1-16-12288') } },
    state: 'ok',
    says: /^administrator: packets may be captured$/,
  },
  {
    id: 'rights',
    when: 'an administrator of Windows who was not asked',
    facts: { means: { platform: 'win32' }, printed: { [asksGroups]: groups('S-1-16-8192') } },
    state: 'limits',
    says: /no rights of an administrator: every probe works/,
  },
  {
    id: 'rights',
    when: 'no /proc',
    facts: { files: { '/proc/self/status': '' } },
    state: 'unknown',
    says: /does not tell/,
  },
  {
    id: 'capture-tools',
    when: 'tcpdump and the right',
    facts: {},
    state: 'ok',
    says: /\/usr\/bin\/tcpdump; this user may/,
  },
  { id: 'capture-tools', when: 'none', facts: { programs: {} }, state: 'limits', says: /no tcpdump/ },
  {
    id: 'capture-tools',
    when: 'tcpdump without the right',
    facts: { files: none },
    state: 'limits',
    says: /may not capture/,
  },
  {
    id: 'capture-tools',
    when: 'dumpcap that has the right itself',
    facts: { files: none, programs: { dumpcap: '/usr/bin/dumpcap' }, printed: { '/usr/bin/dumpcap -D': '1. eth0\n' } },
    state: 'ok',
    says: /dumpcap may capture/,
  },
  {
    id: 'capture-tools',
    when: 'dumpcap without it',
    facts: { files: none, programs: { dumpcap: '/usr/bin/dumpcap' } },
    state: 'limits',
    says: /may not capture/,
  },
  {
    id: 'capture-tools',
    when: 'pktmon on Windows',
    facts: { means: { platform: 'win32' }, programs: { pktmon: 'C:\\Windows\\System32\\PktMon.exe' } },
    state: 'unknown',
    says: /PktMon/,
  },
  {
    id: 'capture-tools',
    when: 'pktmon and an administrator',
    facts: {
      means: { platform: 'win32' },
      programs: { pktmon: 'C:\\Windows\\System32\\PktMon.exe' },
      printed: { [asksGroups]: groups('S-1-16-16384') },
    },
    state: 'ok',
    says: /PktMon\.exe; this user may capture with pktmon$/,
  },
  {
    id: 'capture-tools',
    when: 'pktmon and no administrator',
    facts: {
      means: { platform: 'win32' },
      programs: { pktmon: 'C:\\Windows\\System32\\PktMon.exe' },
      printed: { [asksGroups]: groups('S-1-16-8448') },
    },
    state: 'limits',
    says: /captures for an administrator alone/,
  },
  {
    id: 'capture-tools',
    when: 'dumpcap alone on Windows',
    facts: {
      means: { platform: 'win32' },
      programs: { dumpcap: 'C:\\Program Files\\Wireshark\\dumpcap.exe' },
      printed: { [asksGroups]: groups('S-1-16-12288') },
    },
    state: 'unknown',
    says: /whether this user may capture is not told/,
  },
  {
    id: 'capture-tools',
    when: 'none on Windows',
    facts: { means: { platform: 'win32' }, programs: {} },
    state: 'limits',
    says: /or pktmon is on the PATH/,
  },
  { id: 'path-tools', when: 'traceroute and the right', facts: {}, state: 'ok', says: /with SYNs and datagrams$/ },
  {
    id: 'path-tools',
    when: 'traceroute without the right',
    facts: { files: none },
    state: 'limits',
    says: /with datagrams, and not with SYNs$/,
  },
  { id: 'path-tools', when: 'none', facts: { programs: {} }, state: 'limits', says: /^no traceroute is on the PATH$/ },
  {
    id: 'path-tools',
    when: 'another program of that name',
    facts: { programs: { traceroute: '/bin/traceroute' } },
    state: 'limits',
    says: /^\/bin\/traceroute is not the one/,
  },
  {
    id: 'path-tools',
    when: 'tracert of Windows',
    facts: { means: { platform: 'win32' }, programs: { tracert: 'C:\\Windows\\System32\\TRACERT.EXE' } },
    state: 'ok',
    says: /sends ICMP echo, which asks no port$/,
  },
  {
    id: 'path-tools',
    when: 'none on Windows',
    facts: { means: { platform: 'win32' }, programs: {} },
    state: 'limits',
    says: /^no tracert/,
  },
  { id: 'path-tools', when: 'macOS', facts: { means: { platform: 'darwin' } }, state: 'unknown', says: /darwin$/ },
  {
    id: 'trust-stores',
    when: 'all roots are there',
    facts: {},
    state: 'ok',
    says: /holds the \d roots.*Node’s own holds them too/,
  },
  {
    id: 'trust-stores',
    when: 'roots are missing',
    facts: { means: { roots: () => ({ node: [], machine: [{ sha1: 'AA:BB', sha256: 'CC' }] }) } },
    state: 'limits',
    says: /DigiCert Global Root G2/,
  },
  {
    id: 'trust-stores',
    when: 'roots are not there yet on Windows',
    facts: { means: { platform: 'win32', roots: () => ({ node: [], machine: [{ sha1: 'AA', sha256: 'CC' }] }) } },
    state: 'unknown',
    says: /Windows fetches a root when/,
  },
  {
    id: 'trust-stores',
    when: 'the store is empty',
    facts: { means: { roots: () => ({ node: [], machine: [] }) } },
    state: 'unknown',
    says: /could not be read/,
  },
  { id: 'resolvers', when: 'all answer', facts: {}, state: 'ok', says: /the one name server answers over UDP and TCP/ },
  {
    id: 'resolvers',
    when: 'TCP is shut',
    facts: {
      lookup: ({ transport, resolver }) =>
        transport === 'tcp' && resolver !== 'system' ? { outcome: 'timeout', answers: [] } : {},
    },
    state: 'limits',
    says: /^no answer over TCP from 10\.1\.0\.5$/,
  },
  {
    id: 'resolvers',
    when: 'this machine resolves nothing outside',
    facts: { lookup: () => ({ outcome: 'name-error', answers: [] }) },
    state: 'limits',
    says: /only a proxy can lead there/,
  },
  {
    id: 'resolvers',
    when: 'no server is known',
    facts: { means: { nameServers: [] } },
    state: 'unknown',
    says: /not told/,
  },
  {
    id: 'resolvers',
    when: 'one is slow',
    facts: { lookup: () => ({ ms: 900 }) },
    state: 'limits',
    says: /slower than 500 ms: 10\.1\.0\.5/,
  },
  {
    id: 'ipv6',
    when: 'IPv4 alone',
    facts: {},
    state: 'ok',
    says: /IPv4 leads out from 10\.1\.0\.10; IPv6 has no address/,
  },
  {
    id: 'ipv6',
    when: 'both',
    facts: { means: { routeTo: async () => ({ kind: 'route', localAddress: '2001:db8:1::10' }) } },
    state: 'ok',
    says: /IPv6 leads out from 2001:db8:1::10/,
  },
  {
    id: 'ipv6',
    when: 'unique local addresses only',
    facts: { means: { routeTo: async () => ({ kind: 'route', localAddress: 'fd00::2' }) } },
    state: 'ok',
    says: /nobody on the internet can answer/,
  },
  {
    id: 'ipv6',
    when: 'no way out at all',
    facts: { means: { routeTo: async () => ({ kind: 'none', code: 'ENETUNREACH' }) } },
    state: 'unknown',
    says: /cut off/,
  },
  { id: 'connect-times', when: 'Linux', facts: {}, state: 'ok', says: /tcp_syn_retries is 6.*about 127 s/ },
  {
    id: 'connect-times',
    when: 'Windows without the value',
    facts: { means: { platform: 'win32' } },
    state: 'unknown',
    says: /about 31 s.*a port that refuses is asked again for about 2 s/,
  },
  {
    id: 'connect-times',
    when: 'Windows with the value',
    facts: {
      means: { platform: 'win32' },
      printed: {
        'reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v TcpMaxConnectRetransmissions':
          '    TcpMaxConnectRetransmissions    REG_DWORD    0x2\r\n',
      },
    },
    state: 'ok',
    says: /is 2: .*about 7 s.*below 2500 it looks silent$/,
  },
  { id: 'descriptors', when: '1024', facts: {}, state: 'ok', says: /1024 files .* up to 296/ },
  {
    id: 'descriptors',
    when: '256',
    facts: {
      files: { '/proc/self/limits': 'Max open files            256                  256                  files\n' },
    },
    state: 'limits',
    says: /256 files may be open, and a check uses up to 296/,
  },
  {
    id: 'descriptors',
    when: 'macOS',
    facts: { means: { platform: 'darwin' } },
    state: 'unknown',
    says: /not read on darwin/,
  },
  { id: 'local-ports', when: 'few wait', facts: {}, state: 'ok', says: /28232 ports from 32768 on, 12 connections/ },
  {
    id: 'local-ports',
    when: 'most wait',
    facts: { files: { '/proc/net/sockstat': 'TCP: inuse 9 orphan 0 tw 27500 alloc 9 mem 3\n' } },
    state: 'limits',
    says: /want of a port/,
  },
  {
    id: 'local-ports',
    when: 'Windows in German',
    facts: {
      means: { platform: 'win32' },
      files: { '/proc/net/sockstat': '' },
      printed: {
        'netsh interface ipv4 show dynamicport tcp':
          '\r\nDynamischer Portbereich des Protokolls tcp\r\n-----\r\nStartport : 49152\r\nAnzahl von Ports : 16384\r\n',
      },
    },
    state: 'ok',
    says: /16384 ports from 49152 on/,
  },
  { id: 'gate-ports', when: 'both are free', facts: {}, state: 'ok', says: /^8443 is free; 443 is free$/ },
  {
    id: 'gate-ports',
    when: '443 needs a right',
    facts: { means: { tryBind: async (port) => (port === 443 ? { code: 'EACCES' } : 'free') } },
    state: 'ok',
    says: /443 may not be taken by this user/,
  },
  {
    id: 'gate-ports',
    when: '8443 is taken',
    facts: { means: { tryBind: async (port) => (port === 8443 ? { code: 'EADDRINUSE' } : 'free') } },
    state: 'limits',
    says: /8443 is taken/,
  },
  { id: 'runtime', when: 'a large hello', facts: {}, state: 'ok', says: /1602 octets.*two segments/ },
  {
    id: 'runtime',
    when: 'a small one',
    facts: { means: { ownHelloOctets: async () => 517 } },
    state: 'ok',
    says: /fits one segment/,
  },
  {
    id: 'runtime',
    when: 'none was written',
    facts: { means: { ownHelloOctets: async () => undefined } },
    state: 'unknown',
    says: /not learnt/,
  },
]

for (const { id, when, facts, state, says } of rows) {
  test(`${id}, ${when}: ${state}`, async () => {
    const found = await lookFor(id, facts)
    assert.match(found.says, says)
    assert.equal(found.state, state)
    if (state === 'limits') assert.ok(found.next, 'a limit says what would widen it')
  })
}

test('every file with a look stands in the table, once', () => {
  const folder = new URL('.', import.meta.url)
  const files = readdirSync(folder).filter((name) => /^(?!.*\.test\.ts$).*\.ts$/.test(name))
  const having = files.filter((name) => /^export const \w+: Look = /m.test(readFileSync(new URL(name, folder), 'utf8')))
  assert.equal(having.length, looks.length)
  assert.equal(new Set(looks.map(({ id }) => id)).size, looks.length)
})

test('a machine on which all is well has no limit', async () => {
  const { summary } = await lookAtMachine('0.1.0', fakeMachine(), nothingAsked, { signal, timeoutMs: 20_000 })
  assert.deepEqual(summary, { ok: looks.length, limits: 0, unknown: 0 })
})

const hangs: Look = { id: 'hangs', group: 'sockets', title: 'hangs', look: () => new Promise(() => {}) }
const [quick] = looks

test('a look that does not end is left behind, and the others are told', async () => {
  const table = [hangs, ...(quick ? [quick] : [])]
  const report = await lookAtMachine('0.1.0', fakeMachine(), nothingAsked, { signal, timeoutMs: 50 }, table)
  assert.deepEqual(report.summary, { ok: 1, limits: 0, unknown: 1 })
  assert.match(report.looks[0]?.says ?? '', /took longer than 50 ms/)
  assert.equal(report.interrupted, false)
})

test('Ctrl-C ends it with what is known', async () => {
  const table = [hangs, ...(quick ? [quick] : [])]
  const stopped = AbortSignal.abort()
  const report = await lookAtMachine(
    '0.1.0',
    fakeMachine(),
    nothingAsked,
    { signal: stopped, timeoutMs: 600_000 },
    table,
  )
  assert.deepEqual([report.interrupted, report.looks[0]?.says], [true, 'not learnt: it was stopped'])
})

test('a bug in a look is not hidden', async () => {
  const broken: Look = { ...hangs, look: () => Promise.reject(new TypeError('x')) }
  await assert.rejects(
    lookAtMachine('0.1.0', fakeMachine(), nothingAsked, { signal, timeoutMs: 50 }, [broken]),
    TypeError,
  )
})

test('readers of the system’s files take any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      rightsOf(text)
      rightsOf(`Uid:\t${text}\nCapEff:\t${text}\n`)
      openFilesOf(`Max open files ${text}`)
      timeWaitOf(`TCP: ${text}`)
      searchDomainOf(`search ${text}`)
    }),
  )
})
