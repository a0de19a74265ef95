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
): Promise<{ readonly sniffing: Sniffing; readonly said: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-tools-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, script] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  const said: string[] = []
  const start = captureOf({ env: { PATH: folder } }, undefined, (says) => said.push(says))
  const lives = new AbortController()
  t.after(() => lives.abort())
  const limits = { signal: new AbortController().signal, timeoutMs: 60_000 }
  return { sniffing: await start(['192.0.2.1'], lives.signal, limits), said }
}

const mayNot = 'echo "tcpdump: any: You don\'t have permission to perform this capture" >&2; exit 1'
const listens = 'echo "tcpdump: listening on any, link-type RAW" >&2; exec sleep 60'

test('where there is no tool that is said in one line', { skip }, async (t) => {
  const { sniffing, said } = await asked(t, { tshark: 'exit 1' })
  assert.equal(sniffing.kind, 'no-tool')
  assert.deepEqual(said, [
    'no packets are captured, the check goes on without: no capture tool is on the PATH that this version can use (tcpdump, dumpcap), only tshark',
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

test('where the right or the interface is missing it is said how to get one, and nothing twice', {
  skip,
}, async (t) => {
  const [rights] = (await asked(t, { tcpdump: mayNot })).said
  assert.match(rights ?? '', /; run the check with sudo, or give the tool cap_net_raw/)
  const none = 'echo "tcpdump: nope0: No such device exists" >&2; echo "(No such device exists)" >&2; exit 1'
  const { sniffing, said } = await asked(t, { tcpdump: none })
  assert.match(said[0] ?? '', /tcpdump: nope0: No such device exists; interfaces with an address here: \S+/)
  assert.ok(said[0]?.endsWith('why' in sniffing ? sniffing.why : 'nothing'), 'the report says the same')
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
