import pLimit from 'p-limit'
import type { Scheme } from '../model/service.ts'
import type { Limits, Net } from '../net/net.ts'
import { probes } from '../probes/index.ts'
import type { Means } from './askControls.ts'
import type { CheckInput, CheckOptions } from './checkOptions.ts'
import { usualConcurrency, usualTimeoutMs } from './checkOptions.ts'
import { Comparisons } from './comparisons.ts'
import { silentAfter } from './earlyControls.ts'
import { Items } from './items.ts'
import { openLedger } from './ledger.ts'
import type { Directory } from './questionOf.ts'
import { Questions } from './questions.ts'
import { ResolvedNames } from './resolvedNames.ts'
import { createSayings } from './sayings.ts'
import { StandIns } from './standIns.ts'
import { Traces } from './traces.ts'

/** What one check is made of. */
export interface Parts {
  readonly means: Means
  readonly directory: Directory
  readonly names: ResolvedNames
  readonly items: Items
  readonly questions: Questions
  readonly comparisons: Comparisons
  readonly traces: Traces
  readonly standIns: StandIns
}

/** @param signal ends the check: by whoever wants it to, or because its time is over */
export function partsOf(input: CheckInput, net: Net, options: CheckOptions, signal: AbortSignal): Parts {
  const { flows, resolvers, families, proxies, context, forest } = input
  const timeoutMs = options.timeoutMs ?? usualTimeoutMs
  const questionBudgetMs = options.questionBudgetMs ?? timeoutMs * 4
  const limits: Limits = { timeoutMs, signal }
  const ledger = openLedger()
  // Work is not taken out of the queue by an abort: what begins after it returns at once, and what runs keeps what it saw.
  const queue = pLimit(options.concurrency ?? usualConcurrency)
  const directory = {
    ...(context.domain !== undefined && { domain: context.domain }),
    ...(forest !== undefined && { forest }),
  }
  const sayings = createSayings({
    ledger,
    now: () => net.now(),
    ended: signal,
    stoppedBy: options.signal,
    questionBudgetMs,
  })
  const silentAfterMs = silentAfter(timeoutMs, net.refusalMs)
  const names = new ResolvedNames({ families, resolvers, net, ledger, limits, sayings, queue, silentAfterMs })
  const questions = new Questions({
    net,
    ledger,
    limits,
    sayings,
    queue,
    questionBudgetMs,
    silentAfterMs,
    posture: options.posture === true,
    idleMs: options.idleMs,
  })
  const items = new Items({
    proxies,
    mapped: context.names,
    directory,
    apps: context.apps,
    known: transportsByScheme,
    everyAddress: options.everyAddress === true,
    sayings,
    resolve: (name) => names.of(name),
  })
  const means: Means = {
    net,
    ledger,
    limits,
    slot: (keep, work) => queue(() => (signal.aborted ? undefined : questions.guarded(keep, 'control', work))),
  }
  return {
    means,
    directory,
    names,
    items,
    questions,
    comparisons: new Comparisons({ flows, resolvers, families, directory, questions, items, means }),
    traces: new Traces(options.trace, ledger),
    standIns: new StandIns(flows),
  }
}

const transportsByScheme: ReadonlyMap<Scheme, readonly ('tcp' | 'udp')[]> = new Map(
  Object.values(probes).map(({ scheme, transports }) => [scheme, transports]),
)
