import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { PktmonWays } from '../../test/standIns/pktmon.ts'
import { putPktmon } from '../../test/standIns/pktmon.ts'
import type { Sniffing } from '../net/sniff.ts'
import { captureOf } from './captureOf.ts'

const skip = process.platform === 'win32' && 'programs here are scripts'

interface Machine {
  readonly ways?: PktmonWays
  /** Scripts that stand for other programs. */
  readonly programs?: Readonly<Record<string, string>>
  readonly interface?: string
  readonly platform?: NodeJS.Platform
}

/** Asks for a capture on a machine of Windows whose pktmon has these ways. */
async function asked(t: TestContext, { ways, programs = {}, interface: on, platform = 'win32' }: Machine) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-tools-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const put = ways === undefined ? undefined : putPktmon(folder, ways)
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  const said: string[] = []
  const user = { platform, isRoot: false }
  const start = captureOf({ env: { PATH: folder } }, on, (says) => said.push(says), user)
  const limits = { signal: new AbortController().signal, timeoutMs: 60_000 }
  const sniffing: Sniffing = await start(['192.0.2.1'], new AbortController().signal, limits)
  return { sniffing, said: said.join('\n'), folder, limits, state: put?.state }
}

test('on Windows pktmon captures, and its end may take its time', { skip }, async (t) => {
  const { sniffing, said, limits, state } = await asked(t, { ways: {}, programs: { dumpcap: 'exit 1' } })
  assert.ok(sniffing.kind === 'capturing', said)
  assert.equal(said, '')
  assert.ok((sniffing.sniffer.stopMs ?? 0) >= 60_000)
  await sniffing.sniffer.stop(limits)
  assert.equal(state?.().isRunning, false)
})

test('who is no administrator is told so, however pktmon would say it', { skip }, async (t) => {
  const { sniffing, said } = await asked(t, { ways: { isElevated: false, language: 'it' } })
  assert.equal(sniffing.kind, 'no-rights')
  assert.match(said, /Accesso negato\.; run the check as administrator$/)
})

test('what pktmon says is told, and nothing else is tried in its place', { skip }, async (t) => {
  const { sniffing, said, folder } = await asked(t, {
    ways: { isRunning: true },
    programs: { dumpcap: 'touch "$0.ran"' },
  })
  assert.equal(sniffing.kind, 'no-means')
  assert.match(said, /pktmon captures already, for somebody else: it is left alone/)
  assert.equal(existsSync(join(folder, 'dumpcap.ran')), false)
})

test('for one interface dumpcap is asked, and where it is not there that is said', { skip }, async (t) => {
  const other = 'echo "dumpcap: no interface Ethernet" >&2; exit 1'
  const { said } = await asked(t, { ways: {}, programs: { dumpcap: other }, interface: 'Ethernet' })
  assert.match(said, /dumpcap: no interface Ethernet/)
  const { sniffing, said: alone, state } = await asked(t, { ways: {}, interface: 'Ethernet' })
  assert.equal(sniffing.kind, 'no-interface')
  assert.match(alone, /pktmon captures on all network cards, and not on Ethernet alone; .*leave it out/)
  assert.deepEqual(state?.().asked, [])
})

test('where there is nothing, what Windows has is named; elsewhere pktmon is none', { skip }, async (t) => {
  const { sniffing, said } = await asked(t, {})
  assert.equal(sniffing.kind, 'no-tool')
  assert.match(said, /can use \(pktmon, dumpcap\); pktmon comes with Windows 10 2004/)
  const elsewhere = await asked(t, { ways: {}, platform: 'linux' })
  assert.match(elsewhere.said, /can use \(tcpdump, dumpcap\), only pktmon; install tcpdump/)
})
