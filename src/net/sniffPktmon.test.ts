import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { PktmonState, PktmonWays } from '../../test/standIns/pktmon.ts'
import { putPktmon } from '../../test/standIns/pktmon.ts'
import { readPackets, startedSniffer } from '../../test/startedSniffer.ts'
import type { CaptureTool, Sniffer } from './sniff.ts'
import { sniff } from './sniff.ts'

const never = new AbortController().signal
const limits = { signal: never, timeoutMs: 60_000 }
const skip = process.platform === 'win32' && 'the stand-in for pktmon is a script'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s+/g, ''), 'hex')

function block(type: number, body: Buffer): Buffer {
  const frame = Buffer.alloc(8)
  frame.writeUInt32LE(type, 0)
  const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)])
  frame.writeUInt32LE(padded.length + 12, 4)
  return Buffer.concat([frame, padded, frame.subarray(4)])
}

const section = block(0x0a0d0d0a, hex('4d3c2b1a 01000000 ffffffffffffffff'))
/** Ethernet, everything kept, in steps of 100 ns (`if_tsresol` 7). */
const ethernet = block(1, hex('01000000 00000000 0900 0100 07000000 00000000'))

/** A packet at a time in milliseconds. */
function packetAt(ms: number, octets: Buffer): Buffer {
  const ticks = BigInt(ms * 10_000)
  const head = Buffer.alloc(20)
  head.writeUInt32LE(Number(ticks >> 32n), 4)
  head.writeUInt32LE(Number(ticks & 0xffffffffn), 8)
  head.writeUInt32LE(octets.length, 12)
  head.writeUInt32LE(octets.length, 16)
  return block(6, Buffer.concat([head, octets]))
}

const fileOf = (...packets: readonly Buffer[]): Buffer => Buffer.concat([section, ethernet, ...packets])

/** A SYN to port 636, under a number of its own. */
const syn = (identification: string): Buffer =>
  hex(`45000028 ${identification} 4000 80060000 0a000005 c0000201 c350027c 00000064 00000000 5002faf0 00000000`)
const framed = (ip: Buffer): Buffer => Buffer.concat([hex('00155d000001 00155d000002 0800'), ip])
/** A data frame of 802.11 with quality of service. */
const wireless = (ip: Buffer): Buffer =>
  Buffer.concat([hex('8801 0000 00155d000001 00155d000002 00155d000003 0000 0000 aaaa03000000 0800'), ip])

interface Played {
  readonly tool: CaptureTool
  readonly state: () => PktmonState
  /** Aborted with the test. */
  readonly lives: AbortSignal
}

function play(t: TestContext, ways: PktmonWays = {}, stepMs?: number): Played {
  const folder = mkdtempSync(join(tmpdir(), 'postern-tool-'))
  const { place, state } = putPktmon(folder, ways)
  const lives = new AbortController()
  t.after(() => {
    lives.abort()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return { tool: { name: 'pktmon', place, ...(stepMs !== undefined && { stepMs }) }, state, lives: lives.signal }
}

const ask = ({ tool, lives }: Played) => sniff({ tool, addresses: ['192.0.2.1'] }, lives, limits)

const start = ({ tool, lives }: Played, addresses?: readonly string[], signal = lives): Promise<Sniffer> =>
  startedSniffer(tool, signal, addresses)

/** The folder of its log, as the tool was told it. */
function folderOf({ asked }: PktmonState): string {
  const words = asked.find(([command]) => command === 'start') ?? []
  return dirname(words[words.indexOf('--file-name') + 1] ?? '')
}

/** Nothing of it is left: no capture, no filter, no file. What was told to go tidies up by itself. */
async function assertPutBack({ state }: Played): Promise<void> {
  for (const began = performance.now(); performance.now() - began < 60_000; await pause(20)) {
    const { isRunning, filters } = state()
    if (!isRunning && filters.length === 0 && !existsSync(folderOf(state()))) return
  }
  assert.fail(JSON.stringify(state()))
}

test('packets come at the end, and nothing of the capture is left', { skip }, async (t) => {
  const pcapng = fileOf(packetAt(1_700_000_000_000, framed(syn('0001'))))
  const played = play(t, { pcapng })
  const sniffer = await start(played, ['192.0.2.1', '2001:db8::1'])
  assert.deepEqual(played.state().filters, ['Postern1', 'Postern2', 'Postern3', 'Postern4'])
  assert.equal(played.state().isRunning, true)
  const folder = folderOf(played.state())
  assert.deepEqual(readdirSync(folder), ['packets.etl'])
  const reading = readPackets(sniffer)
  assert.deepEqual(await sniffer.stop(limits), { kind: 'stopped' })
  const [read] = await reading
  assert.deepEqual(read?.time, { sec: 1_700_000_000, nanos: 0 })
  assert.ok(read?.packet.kind === 'tcp' && read.packet.syn && read.packet.destinationPort === 636)
  await assertPutBack(played)
  assert.deepEqual(
    played.state().asked.map((words) => words.map((word) => word.replace(folder, 'F'))),
    [
      ['help'],
      ['status'],
      ['filter', 'list'],
      ['filter', 'add', 'Postern1', '-i', '192.0.2.1'],
      ['filter', 'add', 'Postern2', '-i', '2001:db8::1'],
      ['filter', 'add', 'Postern3', '-t', 'ICMP'],
      ['filter', 'add', 'Postern4', '-t', 'ICMPv6'],
      [
        ...['start', '--capture', '--comp', 'nics', '--pkt-size', '256', '--file-name', 'F/packets.etl'],
        ...['--file-size', '64', '--log-mode', 'circular'],
      ],
      ['stop'],
      ['etl2pcap', 'F/packets.etl', '--out', 'F/packets.pcapng'],
      ['filter', 'list'],
      ['filter', 'remove'],
    ],
  )
})

test('a packet that was seen at three components counts once, and one that is sent again counts', {
  skip,
}, async (t) => {
  const at = 1_700_000_000_000
  const pcapng = fileOf(
    packetAt(at, framed(syn('0001'))),
    packetAt(at + 0.5, wireless(syn('0001'))),
    packetAt(at + 1, syn('0001')),
    packetAt(at + 1000, framed(syn('0002'))),
    // Without a number of its own it is its time that tells.
    packetAt(at + 3000, framed(syn('0002'))),
  )
  const sniffer = await start(play(t, { pcapng }))
  const reading = readPackets(sniffer)
  assert.deepEqual(await sniffer.stop(limits), { kind: 'stopped' })
  const read = await reading
  assert.deepEqual(
    read.map(({ time, packet }) => [((time?.sec ?? 0) - at / 1000) * 1000, packet.kind === 'tcp' && packet.syn]),
    [
      [0, true],
      [1000, true],
      [3000, true],
    ],
  )
})

test('a build whose command has its old name is understood, and so is one in another language', { skip }, async (t) => {
  const pcapng = fileOf(packetAt(1_700_000_000_000, framed(syn('0001'))))
  const commands = ['filter', 'start', 'stop', 'status', 'pcapng', 'help']
  const played = play(t, { commands, language: 'it', pcapng })
  const sniffer = await start(played)
  const reading = readPackets(sniffer)
  assert.deepEqual(await sniffer.stop(limits), { kind: 'stopped' })
  assert.equal((await reading).length, 1)
  await assertPutBack(played)
})

test('where a build takes fewer filters than there are addresses, wider ones are set', { skip }, async (t) => {
  const played = play(t, { mostFilters: 8 })
  const addresses = Array.from({ length: 9 }, (_, at) => `192.0.2.${at + 1}`)
  const sniffer = await start(played, addresses)
  const added = played
    .state()
    .asked.filter(([, second]) => second === 'add')
    .map((words) => words.slice(3).join(' '))
  assert.deepEqual(added.slice(-5), ['-t TCP SYN', '-t TCP RST', '-t TCP FIN', '-t ICMP', '-t ICMPv6'])
  assert.equal(played.state().filters.length, 5)
  await sniffer.stop(limits)
  await assertPutBack(played)
})

for (const { when, ways, fails, left = { isRunning: false, filters: [] } } of [
  {
    when: 'without the rights of an administrator',
    ways: { isElevated: false },
    fails: ['no-rights', /^pktmon status: Access is denied\.$/],
  },
  {
    when: 'without rights, in another language',
    ways: { isElevated: false, language: 'it' },
    fails: ['no-rights', /Accesso negato/],
  },
  {
    when: 'while somebody else captures',
    ways: { isRunning: true },
    fails: ['no-means', /captures already, .*left alone .*pktmon stop/],
    left: { isRunning: true, filters: [] },
  },
  {
    when: 'while somebody else captures on a system in another language',
    ways: { isRunning: true, language: 'it' },
    fails: ['no-means', /captures already/],
    left: { isRunning: true, filters: [] },
  },
  {
    when: 'where filters of somebody else are set',
    ways: { filters: ['Theirs'] },
    fails: ['no-means', /filters of somebody else: they are left alone .*pktmon filter list/],
    left: { isRunning: false, filters: ['Theirs'] },
  },
  {
    when: 'where somebody else begins at the same moment',
    ways: { meanwhile: 'starts' },
    fails: ['no-means', /^pktmon start: Packet Monitor is already started\.$/],
    left: { isRunning: true, filters: [] },
  },
  {
    when: 'with a build that cannot write pcapng',
    ways: { commands: ['filter', 'comp', 'reset', 'start', 'stop', 'format', 'help'] },
    fails: ['no-means', /cannot write pcapng/],
  },
  {
    when: 'with a build that cannot say whether it captures',
    ways: { commands: ['filter', 'comp', 'start', 'stop', 'pcapng', 'help'] },
    fails: ['no-means', /cannot say whether somebody captures/],
  },
  {
    when: 'where it takes no filter at all',
    ways: { mostFilters: 0 },
    fails: ['no-means', /^pktmon filter add: Too many filters\.$/],
  },
] satisfies readonly {
  readonly when: string
  readonly ways: PktmonWays
  readonly fails: readonly [string, RegExp]
  readonly left?: { readonly isRunning: boolean; readonly filters: readonly string[] }
}[]) {
  test(`${when} pktmon captures nothing, changes nothing, and says why`, { skip }, async (t) => {
    const played = play(t, ways)
    const failure = await ask(played)
    assert.ok(failure.kind !== 'capturing')
    const [kind, why] = fails
    assert.equal(failure.kind, kind, failure.why)
    assert.match(failure.why, why)
    const { isRunning, filters, asked } = played.state()
    assert.deepEqual({ isRunning, filters }, left)
    assert.ok(!asked.some(([command]) => command === 'stop' || command === 'unload' || command === 'reset'))
    assert.equal(existsSync(folderOf(played.state())) && folderOf(played.state()) !== '.', false)
  })
}

test('filters that somebody else has set among its own are left, and it is said', { skip }, async (t) => {
  const pcapng = fileOf()
  const played = play(t, { meanwhile: 'adds a filter', pcapng })
  const sniffer = await start(played)
  const reading = readPackets(sniffer)
  const end = await sniffer.stop(limits)
  assert.ok(end.kind === 'no-means' && /filters of somebody else have come/.test(end.why), JSON.stringify(end))
  await reading
  assert.ok(played.state().filters.includes('Theirs'))
  assert.equal(played.state().isRunning, false)
})

test('a file that is no capture is a failure, with the place and the reason', { skip }, async (t) => {
  const played = play(t, { pcapng: Buffer.from('no capture of anything at all') })
  const sniffer = await start(played)
  const reading = readPackets(sniffer)
  await sniffer.stop(limits)
  assert.deepEqual(await reading, [])
  const end = await sniffer.ended
  assert.ok(end.kind === 'no-means' && /octet 0: neither pcap nor pcapng/.test(end.why), JSON.stringify(end))
  await assertPutBack(played)
})

test('a capture that its log was too small for is none that proves what did not come', { skip }, async (t) => {
  const pcapng = fileOf(packetAt(1_700_000_000_000, framed(syn('0001'))))
  const sniffer = await start(play(t, { pcapng, logOctets: 64 * 1_048_576 }))
  const reading = readPackets(sniffer)
  const end = await sniffer.stop(limits)
  assert.ok(end.kind === 'no-means' && /full with 64 MB/.test(end.why), JSON.stringify(end))
  assert.equal((await reading).length, 1)
})

test('a capture that cannot be turned into packets says so in the words of the tool', { skip }, async (t) => {
  const played = play(t, { failsAt: { command: 'etl2pcap', code: 87, says: 'The parameter is incorrect.' } })
  const sniffer = await start(played)
  assert.deepEqual(await sniffer.stop(limits), {
    kind: 'no-means',
    why: 'pktmon etl2pcap: The parameter is incorrect.',
  })
  await assertPutBack(played)
})

test('where it hangs at its stop, that is said with what ends it, and the rest is put back', { skip }, async (t) => {
  const played = play(t, { hangsAt: 'stop' }, 1000)
  const sniffer = await start(played)
  const end = await sniffer.stop(limits)
  assert.ok(end.kind === 'timeout', JSON.stringify(end))
  assert.equal(end.why, 'pktmon stop did not end in time; it may capture still: pktmon stop')
  assert.deepEqual(played.state().filters, [])
  assert.equal(existsSync(folderOf(played.state())), false)
})

test('where it hangs at its start it is stopped, for it may have begun', { skip }, async (t) => {
  const played = play(t, { hangsAt: 'start' }, 1000)
  const failure = await ask(played)
  assert.deepEqual(failure, { kind: 'timeout', why: 'pktmon start did not end in time' })
  assert.deepEqual(played.state().asked.at(-3), ['stop'])
  await assertPutBack(played)
})

test('who does not wait for its end is told so, and it is put back all the same', { skip }, async (t) => {
  const played = play(t, { hangsAt: 'etl2pcap' })
  const sniffer = await start(played)
  assert.deepEqual(await sniffer.stop({ signal: never, timeoutMs: 20 }), {
    kind: 'timeout',
    why: 'pktmon did not hand its packets over in time',
  })
  await assertPutBack(played)
})

test('an abort, and a process that is killed, leave nothing', { skip }, async (t) => {
  const aborted = play(t)
  const controller = new AbortController()
  const sniffer = await start(aborted, undefined, controller.signal)
  controller.abort()
  assert.deepEqual(await sniffer.ended, { kind: 'aborted', why: 'the capture was called off' })
  await assertPutBack(aborted)

  const killed = play(t)
  const source = `
    import { sniff } from ${JSON.stringify(new URL('sniff.ts', import.meta.url).href)}
    await sniff({ tool: ${JSON.stringify(killed.tool)}, addresses: [] }, new AbortController().signal,
      { signal: new AbortController().signal, timeoutMs: 60_000 })
    console.log('capturing')`
  const running = execFile(process.execPath, ['--input-type=module', '--eval', source])
  if (running.stdout !== null) await once(running.stdout, 'data')
  assert.equal(killed.state().isRunning, true)
  running.kill('SIGKILL')
  await assertPutBack(killed)
})

test('it captures on all cards or not at all', async () => {
  const tool = { name: 'pktmon', place: '/nonexistent' } as const
  const failure = await sniff({ tool, addresses: [], interface: 'Ethernet' }, never, limits)
  assert.deepEqual(failure, {
    kind: 'no-interface',
    why: 'pktmon captures on all network cards, and not on Ethernet alone',
  })
})

test('where it is not there, that is said', { skip }, async () => {
  const tool = { name: 'pktmon', place: '/nonexistent/pktmon' } as const
  assert.deepEqual(await sniff({ tool, addresses: [] }, never, limits), {
    kind: 'no-tool',
    why: '/nonexistent/pktmon could not be started: ENOENT',
  })
})
