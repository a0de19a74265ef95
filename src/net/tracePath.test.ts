import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { PlayedTool } from '../../test/playedTool.ts'
import { playTool } from '../../test/playedTool.ts'
import { systemClock } from './clock.ts'
import type { PathTool, Traced } from './tracePath.ts'
import { tracePath } from './tracePath.ts'

const never = new AbortController().signal
const skip = process.platform === 'win32' && 'programs here are scripts'
const tcp = { address: '10.9.3.2', port: 443, transport: 'tcp' } as const
/** Longer than any of these takes on a busy machine. */
const longMs = 60_000
/** What is to be waited for in vain. */
const shortMs = 1500

interface Played extends PlayedTool {
  readonly tool: PathTool
}

async function play(t: TestContext, name: PathTool['name'], script: string): Promise<Played> {
  const played = await playTool(t, name, script)
  return { ...played, tool: { name, place: played.place } }
}

const trace = ({ tool }: Played, timeoutMs = longMs, signal = never): Promise<Traced> =>
  tracePath(tool, tcp, { signal, timeoutMs }, systemClock)

const hop = (ttl: number, address: string): string => `process.stdout.write(' ${ttl}  ${address}  0.5 ms\\n');`

test('a path is traced by what the tool writes, and silence to its end is told once', { skip }, async (t) => {
  const silent = Array.from({ length: 18 }, (_, at) => `${at + 3}  *\\n`).join('')
  const played = await play(
    t,
    'traceroute',
    `${hop(1, '10.9.1.1')}${hop(2, '10.9.2.2')} process.stdout.write('${silent}')`,
  )
  const traced = await trace(played)
  assert.ok(traced.kind === 'traced', JSON.stringify(traced))
  const { at, ms, ...seen } = traced.seen
  assert.ok(Number.isFinite(Date.parse(at)) && ms > 0)
  assert.deepEqual(seen, {
    kind: 'path-trace',
    tool: 'traceroute',
    address: '10.9.3.2',
    sent: 'tcp-syn',
    port: 443,
    hops: [{ ttl: 1, address: '10.9.1.1', ms: 0.5 }, { ttl: 2, address: '10.9.2.2', ms: 0.5 }, { ttl: 3 }],
    outcome: 'silent',
  })
})

test('the tool is told port and transport, knows nothing of this process, and is given no shell', {
  skip,
}, async (t) => {
  process.env['POSTERN_TEST_SECRET'] = 'not for others'
  t.after(() => delete process.env['POSTERN_TEST_SECRET'])
  const script = `process.stderr.write(JSON.stringify([process.argv.slice(2), Object.keys(process.env)]).slice(0, 4000))`
  const told = async (transport: 'tcp' | 'udp', name: PathTool['name'] = 'traceroute'): Promise<string> => {
    const { tool } = await play(t, name, script.replace('.slice(0, 4000)', '.match(/.{1,110}/g)[0]'))
    const traced = await tracePath(tool, { ...tcp, transport }, { signal: never, timeoutMs: longMs }, systemClock)
    return traced.kind === 'traced' ? '' : traced.why
  }
  assert.match(
    await told('tcp'),
    /\["-T","-O","info","-p","443","-n","-q","1","-w","59\.20","-N","20","-m","20","--","10\.9\.3\.2"\]/,
  )
  assert.match(await told('udp'), /\["-U","-p","443","-n"/)
  assert.match(await told('tcp', 'tracert'), /\["-d","-h","20","-w","500","10\.9\.3\.2"\]/)
  const { tool } = await play(t, 'traceroute', `process.stderr.write(Object.keys(process.env).sort().join(' '))`)
  const traced = await tracePath(tool, tcp, { signal: never, timeoutMs: longMs }, systemClock)
  assert.deepEqual(traced, { kind: 'no-means', why: 'traceroute: LC_ALL PATH' })
})

test('tracert asks no port, and the answer is not said of one', { skip }, async (t) => {
  const played = await play(t, 'tracert', `process.stdout.write('  1    <1 ms    <1 ms    <1 ms  10.9.3.2 \\r\\n')`)
  const traced = await trace(played)
  assert.ok(traced.kind === 'traced')
  assert.deepEqual([traced.seen.sent, traced.seen.port, traced.seen.outcome], ['icmp-echo', undefined, 'reached'])
})

test('what this machine itself says to the tool is no hop of the way', { skip }, async (t) => {
  const own = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))
  for (const here of new Set(['127.0.0.1', ...own])) {
    const says = `process.stdout.write(' 1  ${here}  3000 ms !H\\n')`
    const alone = await trace(await play(t, 'traceroute', says))
    assert.ok(alone.kind === 'traced', JSON.stringify(alone))
    assert.deepEqual([alone.seen.hops, alone.seen.outcome], [[], 'stopped'], here)
    const { tool } = await play(t, 'traceroute', `${hop(1, '10.9.1.1')}${hop(2, here)}`)
    const later = await tracePath(tool, tcp, { signal: never, timeoutMs: longMs }, systemClock)
    assert.deepEqual(later.kind === 'traced' && later.seen.hops, [{ ttl: 1, address: '10.9.1.1', ms: 0.5 }], here)
  }
})

test('where this machine is the place, it is its only hop', { skip }, async (t) => {
  const { tool } = await play(t, 'traceroute', hop(1, '127.0.0.1'))
  const question = { ...tcp, address: '127.0.0.1' }
  const traced = await tracePath(tool, question, { signal: never, timeoutMs: longMs }, systemClock)
  assert.ok(traced.kind === 'traced')
  assert.deepEqual([traced.seen.hops.length, traced.seen.outcome], [1, 'reached'])
})

test('where no descriptor is left for the tool, that is said', { skip }, async (t) => {
  const { tool } = await play(t, 'traceroute', hop(1, '10.9.1.1'))
  const source = `
    import { openSync, closeSync } from 'node:fs'
    import { systemClock } from ${JSON.stringify(new URL('clock.ts', import.meta.url).href)}
    import { tracePath } from ${JSON.stringify(new URL('tracePath.ts', import.meta.url).href)}
    const taken = []
    try { for (;;) taken.push(openSync('/dev/null')) } catch {}
    const limits = { signal: new AbortController().signal, timeoutMs: ${longMs} }
    const traced = await tracePath(${JSON.stringify(tool)}, ${JSON.stringify(tcp)}, limits, systemClock)
    for (const fd of taken) closeSync(fd)
    console.log(JSON.stringify(traced))`
  const words = ['-c', 'ulimit -n 100 && exec "$0" "$@"', process.execPath, '--input-type=module', '--eval', source]
  const { stdout } = await promisify(execFile)('/bin/sh', words)
  assert.deepEqual(JSON.parse(stdout), { kind: 'no-means', why: `${tool.place} could not be started: EMFILE` })
})

test('what a tool has told when its time is over counts, and nothing of it is left', { skip }, async (t) => {
  const played = await play(
    t,
    'traceroute',
    `hold(() => {
      const held = 'const hold = ' + hold + '; hold(() => {})'
      require('node:child_process').spawn(process.execPath, ['--eval', held], { stdio: 'ignore' })
      ${hop(1, '10.9.1.1')} process.stdout.write(' 2  10.9.2')
    })`,
  )
  const tracing = trace(played, 5000)
  await Promise.race([played.came(2), tracing])
  const traced = await tracing
  assert.ok(traced.kind === 'traced', JSON.stringify(traced))
  assert.deepEqual([traced.seen.outcome, traced.seen.hops.length, played.living.length], ['cut-short', 1, 2])
  await played.gone()
})

test('a tool that hangs ends with the wait', { skip }, async (t) => {
  const played = await play(t, 'traceroute', 'hold()')
  assert.deepEqual(await trace(played, shortMs), {
    kind: 'timeout',
    why: 'traceroute said nothing of the path in its time',
  })
  await played.gone()
})

test('a tool ends when the check does', { skip }, async (t) => {
  const ends = new AbortController()
  const played = await play(t, 'traceroute', `hold(() => { ${hop(1, '10.9.1.1')} })`)
  const tracing = trace(played, longMs, ends.signal)
  await Promise.race([played.came(1), tracing])
  ends.abort()
  assert.equal((await tracing).kind, 'aborted')
  await played.gone()
  assert.equal((await trace(played, longMs, ends.signal)).kind, 'aborted')
})

test('a tool that writes without an end is ended, whatever it writes and where', { skip }, async (t) => {
  const flood = 'const more = () => { while (out.write(text)); out.once("drain", more) }; more()'
  for (const [out, text] of [
    ['stdout', 'garbage 1 2 3\n'],
    ['stdout', ' 1  10.9.1.1  0.5 ms\n'],
    ['stderr', 'warning\n'],
  ] as const) {
    const script = `hold(() => { const out = process.${out}; const text = ${JSON.stringify(text)}.repeat(100); ${flood} })`
    const played = await play(t, 'traceroute', script)
    const traced = await trace(played)
    assert.deepEqual(traced, { kind: 'no-means', why: 'traceroute wrote more than any path takes' })
    await played.gone()
  }
})

test('why there is no trace is said in the words of the tool', { skip }, async (t) => {
  const said = async (text: string, code = 1): Promise<Traced> =>
    trace(await play(t, 'traceroute', `process.stderr.write(${JSON.stringify(text)}); process.exitCode = ${code}`))
  assert.deepEqual(
    await said('You do not have enough privileges to use this traceroute method.\nsocket: Operation not permitted\n'),
    { kind: 'no-rights', why: 'traceroute: You do not have enough privileges to use this traceroute method' },
  )
  assert.deepEqual(await said('connect: Network is unreachable\n'), {
    kind: 'no-means',
    why: 'traceroute: connect: Network is unreachable',
  })
  assert.deepEqual(await said("traceroute: invalid option -- 'T'\n\u001b[2Jusage\n"), {
    kind: 'no-means',
    why: "traceroute: traceroute: invalid option -- 'T'",
  })
  assert.deepEqual(await said(''), { kind: 'no-means', why: 'traceroute ended without a hop' })
  const nowhere = join(tmpdir(), 'postern-no-such-tool')
  assert.deepEqual(
    await tracePath({ name: 'traceroute', place: nowhere }, tcp, { signal: never, timeoutMs: longMs }, systemClock),
    {
      kind: 'no-tool',
      why: `${nowhere} could not be started: ENOENT`,
    },
  )
})
