import { summaryOf } from '../diagnose/index.ts'
import type { CheckReport } from '../model/report.ts'
import type { Net } from '../net/net.ts'
import type { CheckInput, CheckOptions } from './checkOptions.ts'
import { usualTimeoutMs } from './checkOptions.ts'
import { findingsOf } from './findingsOf.ts'
import { mostAddresses } from './items.ts'
import { seriesBudgetMs } from './measureSeries.ts'
import { mostHeld } from './questions.ts'
import { Run } from './run.ts'
import { within } from './within.ts'

/**
 * Proves flows from this machine: names first, then each question once, then controls for what failed, then judgement.
 * Each stage runs at once for all flows, so that the whole takes the longest single wait of each and not their sum. What
 * is alone on purpose comes after them: a look for limits of connections, at a few places, one after the other.
 * Never rejects for what the network did.
 */
export async function check(input: CheckInput, net: Net, options: CheckOptions): Promise<CheckReport> {
  const startedAt = net.now()
  const judgedAt = new Date(startedAt).toISOString()
  const places = input.flows.length * (options.everyAddress === true ? mostAddresses : 1)
  const idlesMs = (options.idleMs ?? 0) * Math.ceil(places / mostHeld)
  const seriesMs = seriesBudgetMs(options, places, options.timeoutMs ?? usualTimeoutMs)
  const budgetMs = (options.totalBudgetMs ?? 120_000) + idlesMs + seriesMs
  const { run, flows } = await within(budgetMs, options.signal, async (signal) => {
    const run = new Run(input, net, options, signal, judgedAt)
    return { run, flows: await run.flows() }
  })
  return {
    postern: input.postern,
    kind: 'check',
    site: input.site,
    from: input.from,
    startedAt: judgedAt,
    // A clock that was set back in the meantime must not make a negative duration.
    durationMs: Math.max(0, Math.round(net.now() - startedAt)),
    interrupted: run.interrupted,
    catalog: { asOf: input.catalogAsOf },
    imitates: input.imitates,
    rights: run.capture?.outcome === 'captured' ? ['connect', 'capture'] : ['connect'],
    ...(run.capture !== undefined && { capture: run.capture }),
    ...(run.traces !== undefined && { traces: run.traces }),
    context: run.context,
    summary: summaryOf(flows, input.elsewhere),
    flows,
    findings: findingsOf(flows, run.context),
  }
}
