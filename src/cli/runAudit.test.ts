import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { caughtShell } from '../../test/caughtShell.ts'
import { judgePath } from '../firewall/judgePath.ts'
import { vendorRows } from '../firewall/vendors/index.ts'
import { systemClock } from '../net/clock.ts'
import { runAudit } from './runAudit.ts'

test('the time that an audit says it took has the search for findings in it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-audit-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'edge.rules'), '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n')
  const startMs = systemClock.monotonicMs()
  let tookMs = 0
  // Longer than everything before it, so that it cannot be left out of the sum.
  const slow = (): readonly [] => {
    const fromMs = systemClock.monotonicMs()
    while (tookMs < fromMs - startMs + 30) tookMs = systemClock.monotonicMs() - fromMs
    return []
  }
  const { shell } = caughtShell(folder)
  const options = { vendor: 'iptables', flow: ['10.1.0.10 > 10.1.0.5:443'] }
  const saying = { stage: () => {}, note: () => {} }
  const means = { rows: vendorRows, judgePath, findingRules: [slow] }
  const report = await runAudit(['edge.rules'], options, shell, saying, means)
  assert.ok(tookMs > 0 && report.durationMs >= Math.floor(tookMs), `${report.durationMs} of ${tookMs}`)
})
