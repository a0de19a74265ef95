import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Sniffing } from '../net/sniff.ts'
import { captureOf } from './captureOf.ts'

const skip = process.platform === 'win32' && 'programs here are scripts'

/** Asks for a capture where these scripts stand for the tools of the machine. */
async function asked(
  t: TestContext,
  tools: Readonly<Record<string, string>>,
  user: Parameters<typeof captureOf>[3] = { platform: 'linux', isRoot: false },
  signal = new AbortController().signal,
): Promise<{ readonly sniffing: Sniffing; readonly said: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-tools-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, script] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  const said: string[] = []
  const start = captureOf({ env: { PATH: folder } }, undefined, (says) => said.push(says), user)
  const lives = new AbortController()
  t.after(() => lives.abort())
  const limits = { signal, timeoutMs: 60_000 }
  return { sniffing: await start(['192.0.2.1'], lives.signal, limits), said }
}

const mayNot = 'echo "tcpdump: any: You don\'t have permission to perform this capture" >&2; exit 1'
const listens = 'echo "tcpdump: listening on any, link-type RAW" >&2; exec sleep 60'

test('where there is no tool that is said in one line', { skip }, async (t) => {
  const { sniffing, said } = await asked(t, { tshark: 'exit 1' })
  assert.equal(sniffing.kind, 'no-tool')
  assert.deepEqual(said, [
    'no packets are captured, the check goes on without: no capture tool is on the PATH that this version can use (tcpdump, dumpcap), only tshark; install tcpdump (apt, dnf, apk and brew have it under this name)',
  ])
})

test('where the right is missing the tool’s own words are said', { skip }, async (t) => {
  const { sniffing, said } = await asked(t, { tcpdump: mayNot })
  assert.equal(sniffing.kind, 'no-rights')
  assert.equal(said.length, 1)
  assert.match(
    said[0] ?? '',
    /^no packets are captured, the check goes on without: .*permission to perform this capture/,
  )
})

test('what lets it begin is said beside why there is none, and nothing twice', { skip }, async (t) => {
  const remedyOf = async (script: string, user?: Parameters<typeof captureOf>[3]): Promise<string> => {
    const { sniffing, said } = await asked(t, { tcpdump: script }, user)
    assert.ok(sniffing.kind !== 'capturing')
    assert.ok(said[0]?.endsWith(`${sniffing.why}; ${sniffing.remedy}`), 'the report says the same')
    return sniffing.remedy ?? 'nothing'
  }
  assert.match(
    await remedyOf(mayNot),
    /^run the check with sudo, or give the tool the right: sudo setcap cap_net_raw\+ep \/\S+\/tcpdump$/,
  )
  assert.equal(await remedyOf(mayNot, { platform: 'darwin', isRoot: false }), 'run the check with sudo')
  assert.match(await remedyOf(mayNot, { platform: 'linux', isRoot: true }), /^give this root CAP_NET_RAW/)
  assert.match(await remedyOf(mayNot, { platform: 'win32', isRoot: false }), /as administrator$/)
  const none = 'echo "tcpdump: nope0: No such device exists" >&2; echo "(No such device exists)" >&2; exit 1'
  assert.match(await remedyOf(none), /^name an interface that is here with --interface, or leave it out: \S+/)
  const { said } = await asked(t, { tcpdump: none })
  assert.match(said[0] ?? '', /tcpdump: nope0: No such device exists; name an interface/)
})

test('what the tool says a second time in the words of the system is said once, and what it adds stays', {
  skip,
}, async (t) => {
  const saidOf = async (...lines: readonly string[]): Promise<string> => {
    const script = `${lines.map((line) => `echo "${line}" >&2`).join('; ')}; exit 1`
    return (await asked(t, { tcpdump: script })).said[0] ?? ''
  }
  const barred = "tcpdump: any: You don't have permission to perform this capture on that device"
  const told = await saidOf(barred, '(socket: Operation not permitted)')
  assert.ok(told.includes(`${barred}; `) && !told.includes('Operation not permitted'), told)
  assert.match(
    await saidOf('tcpdump: odd', '(no memory for the buffer)'),
    /tcpdump: odd; \(no memory for the buffer\); /,
  )
})

test('a tool that may not is followed by the next one', { skip }, async (t) => {
  const { sniffing, said } = await asked(t, { tcpdump: mayNot, dumpcap: 'echo "dumpcap: no interface" >&2; exit 1' })
  assert.equal(sniffing.kind, 'no-interface')
  assert.equal(said.length, 1)
})

test('a tool that listens is all that is needed, and nothing is said', { skip }, async (t) => {
  const { sniffing, said } = await asked(t, { tcpdump: listens, dumpcap: 'exit 1' })
  assert.deepEqual([sniffing.kind, said], ['capturing', []])
})

test('of what was called off nothing is said, whether a tool was there or not', { skip }, async (t) => {
  for (const tools of [{}, { tcpdump: mayNot }, { tcpdump: listens }]) {
    const { sniffing, said } = await asked(t, tools, undefined, AbortSignal.abort())
    assert.deepEqual([sniffing.kind === 'capturing', said], [false, []])
    assert.ok(sniffing.kind !== 'capturing' && sniffing.remedy === undefined)
  }
})
