import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { needs } from '../../test/needs.ts'
import type { PlayedTool } from '../../test/playedTool.ts'
import { playTool } from '../../test/playedTool.ts'
import { readPackets, startedSniffer } from '../../test/startedSniffer.ts'
import type { CaptureTool, Sniffer } from './sniff.ts'
import { sniff } from './sniff.ts'

const never = new AbortController().signal
const limits = { signal: never, timeoutMs: 60_000 }
const skip = process.platform === 'win32' && 'programs here are scripts'

/** The head of pcap with link type raw, and a SYN-ACK. */
const head = 'a1b2c3d40002000400000000000000000000010000000065'
const synAck =
  '65000000000000010000002800000028 4500002800000000 3f060000 c0000201 0a000005 027cc350 00000007 00000065 50120400 00000000'

interface Played extends PlayedTool {
  readonly tool: CaptureTool
}

/** `write` writes octets to standard output, `say` a line to standard error; as long as it lives it holds a connection. */
async function play(t: TestContext, name: CaptureTool['name'], script: string): Promise<Played> {
  const played = await playTool(
    t,
    name,
    `const write = (hex) => process.stdout.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    const say = (line) => process.stderr.write(line + '\\n')
    hold(() => { ${script} })`,
  )
  return { ...played, tool: { name, place: played.place } }
}

async function assertGone({ came, gone }: Played): Promise<void> {
  await came(1)
  await gone()
}

const start = ({ tool }: Played, signal = never): Promise<Sniffer> => startedSniffer(tool, signal)

const deaf = "process.on('SIGINT', () => {}); process.on('SIGTERM', () => {}); setInterval(() => {}, 60_000);"

for (const { name, begins, lost } of [
  { name: 'tcpdump', begins: "say('tcpdump: listening on any, link-type RAW');", lost: '4 packets dropped by kernel' },
  { name: 'dumpcap', begins: '', lost: "Packets received/dropped on interface 'any': 2/4 (pcap:4/dumpcap:0)" },
] as const) {
  test(`packets come while ${name} runs and after it was asked to stop, and what it lost is told`, {
    skip,
  }, async (t) => {
    const played = await play(
      t,
      name,
      `process.on('SIGINT', () => { write('${synAck}'); say(${JSON.stringify(lost)}); process.stdout.end(() => process.exit()) });
       write('${head}'); write('${synAck}'); ${begins}`,
    )
    const sniffer = await start(played)
    const reading = sniffer.packets[Symbol.asyncIterator]()
    const { value } = await reading.next()
    assert.deepEqual(value.time, { sec: 0x65000000, nanos: 1000 })
    assert.ok(value.packet.kind === 'tcp' && value.packet.syn && value.packet.ttl === 63)
    assert.deepEqual(await sniffer.stop(limits), { kind: 'stopped', lost: 4 })
    assert.equal((await reading.next()).done, false)
    assert.equal((await reading.next()).done, true)
    assert.deepEqual(await sniffer.ended, { kind: 'stopped', lost: 4 })
    await assertGone(played)
  })
}

test('an abort ends a tool that hears no signal, and its packets', { skip }, async (t) => {
  const played = await play(t, 'dumpcap', `${deaf} write('${head}')`)
  const controller = new AbortController()
  const sniffer = await start(played, controller.signal)
  const packets = readPackets(sniffer)
  controller.abort()
  assert.deepEqual(await sniffer.ended, { kind: 'aborted', why: 'the capture was called off' })
  assert.deepEqual(await packets, [])
  await assertGone(played)
})

test('a tool that does not stop in its time is killed', { skip }, async (t) => {
  const played = await play(t, 'dumpcap', `${deaf} write('${head}')`)
  const sniffer = await start(played)
  assert.deepEqual(await sniffer.stop({ signal: never, timeoutMs: 20 }), { kind: 'stopped' })
  assert.deepEqual(await readPackets(sniffer), [])
  await assertGone(played)
})

test('a tool that does not begin in its time is a failure', { skip }, async (t) => {
  const { tool } = await play(t, 'dumpcap', deaf)
  const sniffing = await sniff({ tool, addresses: [] }, never, { signal: never, timeoutMs: 20 })
  assert.deepEqual(sniffing, { kind: 'timeout', why: 'the capture tool did not begin in time' })
})

test('a tool that has not begun when the start is called off is killed', { skip }, async (t) => {
  const played = await play(t, 'dumpcap', deaf)
  const controller = new AbortController()
  const sniffing = sniff({ tool: played.tool, addresses: [] }, never, { ...limits, signal: controller.signal })
  await played.came(1)
  controller.abort()
  assert.deepEqual(await sniffing, { kind: 'aborted', why: 'the capture was called off' })
  await assertGone(played)
})

test('who leaves the packets ends the tool', { skip }, async (t) => {
  const played = await play(t, 'dumpcap', `${deaf} write('${head}'); write('${synAck}'); write('${synAck}')`)
  const sniffer = await start(played)
  for await (const { packet } of sniffer.packets) {
    assert.equal(packet.kind, 'tcp')
    break
  }
  assert.deepEqual(await sniffer.ended, { kind: 'stopped' })
  await assertGone(played)
})

test('a tool that writes something else is ended, with the place and the reason', { skip }, async (t) => {
  const played = await play(t, 'dumpcap', `${deaf} write('${head}'); write('${'ff'.repeat(16)}')`)
  const sniffer = await start(played)
  assert.deepEqual(await readPackets(sniffer), [])
  const ended = await sniffer.ended
  assert.ok(
    ended.kind === 'no-means' && /octet 24: a packet of 4294967295 octets/.test(ended.why),
    JSON.stringify(ended),
  )
  await assertGone(played)
})

test('the tool goes with the process that it belongs to, however that ends', { skip }, async (t) => {
  const played = await play(t, 'dumpcap', `${deaf} write('${head}')`)
  const source = `
    import { sniff } from ${JSON.stringify(new URL('sniff.ts', import.meta.url).href)}
    await sniff({ tool: ${JSON.stringify(played.tool)}, addresses: [] }, new AbortController().signal,
      { signal: new AbortController().signal, timeoutMs: 60_000 })
    console.log('capturing')`
  const running = execFile(process.execPath, ['--input-type=module', '--eval', source])
  if (running.stdout !== null) await once(running.stdout, 'data')
  running.kill('SIGKILL')
  await assertGone(played)
})

test('a tool whose keeper was ended is ended as well, and is a failure', { skip }, async (t) => {
  const played = await play(
    t,
    'dumpcap',
    `${deaf} write('${head}')
     setInterval(() => require('node:fs').existsSync(__filename + '.go') && process.kill(process.ppid, 'SIGKILL'), 5)`,
  )
  const sniffer = await start(played)
  writeFileSync(`${played.tool.place}.go`, '')
  assert.deepEqual(await sniffer.ended, { kind: 'no-means', why: 'dumpcap ended by itself (killed)' })
  await assertGone(played)
})

test('a tool whose keeper stands still is ended all the same', { skip }, async (t) => {
  const played = await play(t, 'dumpcap', `${deaf} process.kill(process.ppid, 'SIGSTOP'); write('${head}')`)
  const sniffer = await start(played)
  assert.deepEqual(await sniffer.stop({ signal: never, timeoutMs: 20 }), { kind: 'stopped' })
  await assertGone(played)
})

for (const { what, script, fails } of [
  {
    what: 'may not capture',
    script: "say('tcpdump: lo: You do not have permission to perform this capture on that device'); process.exit(1)",
    fails: { kind: 'no-rights', why: /permission/ },
  },
  {
    what: 'cannot become a user of its own, with the right to stay root neither',
    script:
      "say(\"tcpdump: Couldn't change to '\" + (process.argv.includes('-Z') ? 'root' : 'tcpdump') + \"' uid=0\"); process.exit(1)",
    fails: { kind: 'no-rights', why: /change to 'root'/ },
  },
  {
    what: 'finds no such interface',
    script: "say('tcpdump: nosuch: No such device exists'); process.exit(1)",
    fails: { kind: 'no-interface', why: /nosuch/ },
  },
  {
    what: 'ends without a word',
    script: "say('tcpdump: data link type LINUX_SLL2'); process.exit(3)",
    fails: { kind: 'no-means', why: /^tcpdump ended by itself \(3\)$/ },
  },
  {
    what: 'writes control characters and more than anybody reads',
    script: "say('\\u001b[2J' + 'x'.repeat(100_000)); process.exit(1)",
    fails: { kind: 'no-means', why: /^x{100,120}$/ },
  },
]) {
  test(`a tool that ${what} is a failure in words`, { skip }, async (t) => {
    const played = await play(t, 'tcpdump', script)
    const failure = await sniff({ tool: played.tool, addresses: ['192.0.2.1'] }, never, limits)
    assert.ok(failure.kind !== 'capturing')
    assert.equal(failure.kind, fails.kind, failure.why)
    assert.match(failure.why, fails.why)
  })
}

test('a tool that cannot stay root as a user of its own is started again as root', { skip }, async (t) => {
  const script = `if (!process.argv.includes('-Z')) { say("tcpdump: Couldn't change to 'tcpdump' uid=108"); process.exit(1) }
    write('${head}'); say('tcpdump: listening on any')`
  const sniffer = await start(await play(t, 'tcpdump', script))
  assert.deepEqual(await sniffer.stop(limits), { kind: 'stopped' })
})

test('a tool that is not there, or that may not be run, is a failure in words', { skip }, async (t) => {
  const { tool } = await play(t, 'tcpdump', '')
  const missing = await sniff({ tool: { ...tool, place: `${tool.place}x` }, addresses: [] }, never, limits)
  assert.deepEqual(missing, { kind: 'no-tool', why: `${tool.place}x could not be started: ENOENT` })
  writeFileSync(`${tool.place}y`, '', { mode: 0o600 })
  const barred = await sniff({ tool: { ...tool, place: `${tool.place}y` }, addresses: [] }, never, limits)
  assert.deepEqual(barred, { kind: 'no-rights', why: `${tool.place}y could not be started: EACCES` })
})

test('a capture that was called off before it began starts nothing', async () => {
  const tool = { name: 'tcpdump', place: '/nonexistent' } as const
  const sniffing = await sniff({ tool, addresses: [] }, AbortSignal.abort(), limits)
  assert.deepEqual(sniffing, { kind: 'aborted', why: 'the capture was called off' })
})

test('tcpdump says of an interface that is not there that it is not there', async (t) => {
  const place = needs(t, 'tcpdump')
  if (place === undefined) return
  const question = { tool: { name: 'tcpdump', place }, addresses: ['192.0.2.1'], interface: 'nosuch0' } as const
  const failure = await sniff(question, never, limits)
  // Without rights some systems say so first.
  assert.ok(failure.kind === 'no-interface' || failure.kind === 'no-rights', JSON.stringify(failure))
})
