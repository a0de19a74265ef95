import PQueue from 'p-queue'
import type { Case } from '../diagnose/case.ts'
import { diagnose, summaryOf } from '../diagnose/index.ts'
import type { Flow } from '../model/flow.ts'
import type { NameLookup, Observation, Unfiled } from '../model/observation.ts'
import type { CheckReport, FlowReport, JudgementContext } from '../model/report.ts'
import type { Scheme } from '../model/service.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Limits, Net } from '../net/net.ts'
import { probes } from '../probes/index.ts'
import type { Probe, Question } from '../probes/probe.ts'
import type { Means } from './controls.ts'
import { askControls, controlNames } from './controls.ts'
import { findingsOf } from './findingsOf.ts'
import type { Ledger } from './ledger.ts'
import { openLedger } from './ledger.ts'
import type { Directory } from './questionOf.ts'
import { questionKey, questionOf } from './questionOf.ts'
import type { Family, Resolved, Resolvers } from './resolveNames.ts'
import { platformLookups, resolveName } from './resolveNames.ts'
import type { Asked } from './surroundings.ts'
import { Neighbourhood } from './surroundings.ts'
import { timingOf } from './timingOf.ts'
import { within } from './within.ts'

/** What is checked, and what a judgement may know besides what is seen. */
export interface CheckInput {
  /** Version of Postern, for the report. */
  readonly postern: string
  readonly site: string
  /** The host of the site that this machine is. */
  readonly from: string
  /** Flows that this machine opens. */
  readonly flows: readonly Flow[]
  /** How many flows of the plan other machines open. */
  readonly elsewhere: number
  readonly context: Omit<JudgementContext, 'judgedAt'>
  /** The root domain of the forest, when it is not the domain of `context`. */
  readonly forest?: string
  readonly resolvers: Resolvers
  /** Families that this machine can dial at all; others are not asked about. */
  readonly families: readonly Family[]
  readonly catalogAsOf: string
  readonly imitates: string
}

export interface CheckOptions {
  /** Ends the check; what was not asked is `not-run`, and the report is given all the same. */
  readonly signal: AbortSignal
  /** The longest single wait (one look-up, connect, handshake or answer) in milliseconds; default 3000, which is longer than a Windows client takes to see a closed port (2.0 s). */
  readonly timeoutMs?: number
  /** The longest that one question may take over all of its waits, in milliseconds; default four waits. */
  readonly questionBudgetMs?: number
  /** The longest that the whole check may take, in milliseconds; default 120000. */
  readonly totalBudgetMs?: number
  /** Questions and controls under way at once, 1 to 1024; default 256, which leaves room below the usual 1024 descriptors. */
  readonly concurrency?: number
  readonly onEvent?: (event: CheckEvent) => void
}

/** What a check says while it runs. A flow is settled once; the report repeats what was said last. */
export type CheckEvent =
  | { readonly kind: 'stage'; readonly stage: 'names' | 'questions' | 'controls'; readonly count: number }
  /** What the question alone came to; controls may still change it. */
  | { readonly kind: 'first-verdict'; readonly flow: Flow; readonly verdict: Verdict }
  | {
      readonly kind: 'settled'
      readonly flow: Flow
      readonly verdict: Verdict
      readonly done: number
      readonly total: number
    }

/** One flow to one address on its way through the check. */
interface Item {
  readonly flow: Flow
  readonly names: readonly Observation[]
  /** Absent when nothing can be asked: the reason is in `limits`. */
  readonly question?: Question
  readonly limits: readonly Observation[]
  readonly otherAddresses: readonly string[]
}

/**
 * Proves flows from this machine: names first, then each question once, then controls for what failed, then judgement.
 * Each stage runs at once for all flows, so that the whole takes the longest single wait of each and not their sum.
 * Never rejects for what the network did.
 */
export async function check(input: CheckInput, net: Net, options: CheckOptions): Promise<CheckReport> {
  const startedAt = net.now()
  const run = new Run(input, net, options, new Date(startedAt).toISOString())
  const flows = await run.flows()
  return {
    postern: input.postern,
    kind: 'check',
    site: input.site,
    from: input.from,
    startedAt: new Date(startedAt).toISOString(),
    // A clock that was set back in the meantime must not make a negative duration.
    durationMs: Math.max(0, Math.round(net.now() - startedAt)),
    interrupted: run.interrupted,
    catalog: { asOf: input.catalogAsOf },
    imitates: input.imitates,
    rights: ['connect'],
    context: run.context,
    summary: summaryOf(flows, input.elsewhere),
    flows,
    findings: findingsOf(flows),
  }
}

/** An item with its first verdict; `open` when no control is wanted. */
interface First {
  readonly item: Item
  readonly observations: readonly Observation[]
  readonly verdict: Verdict
  readonly open: boolean
}

class Run {
  readonly context: JudgementContext
  readonly #input: CheckInput
  readonly #net: Net
  readonly #options: CheckOptions
  readonly #ledger: Ledger = openLedger()
  /** Work is not taken out of the queue by an abort: what begins after it returns at once, and what runs keeps what it saw. */
  readonly #queue: PQueue
  readonly #platform = new PQueue({ concurrency: platformLookups })
  readonly #limits: Limits
  readonly #directory: Directory
  readonly #means: Means
  readonly #questionBudgetMs: number
  readonly #asked = new Map<string, Promise<Asked>>()
  readonly #resolved = new Map<string, Promise<Resolved>>()
  readonly #probes = new Map<Scheme, Promise<Probe>>()
  #settled = 0
  #total = 0

  constructor(input: CheckInput, net: Net, options: CheckOptions, judgedAt: string) {
    this.#input = input
    this.#net = net
    this.#options = options
    this.context = { judgedAt, ...input.context }
    this.#directory = {
      ...(input.context.domain !== undefined && { domain: input.context.domain }),
      ...(input.forest !== undefined && { forest: input.forest }),
    }
    this.#queue = new PQueue({ concurrency: options.concurrency ?? 256 })
    const timeoutMs = options.timeoutMs ?? 3000
    this.#questionBudgetMs = options.questionBudgetMs ?? timeoutMs * 4
    const budget = AbortSignal.timeout(options.totalBudgetMs ?? 120_000)
    this.#limits = { timeoutMs, signal: AbortSignal.any([options.signal, budget]) }
    this.#means = {
      net,
      ledger: this.#ledger,
      limits: this.#limits,
      slot: (work) => this.#queue.add(async () => (this.interrupted ? undefined : work())),
    }
  }

  get interrupted(): boolean {
    return this.#limits.signal.aborted
  }

  async flows(): Promise<readonly FlowReport[]> {
    const { flows, resolvers } = this.#input
    // Before anything is timed: the first handshake would otherwise carry the reading of the stores in its time.
    if (flows.some(({ target }) => target.service === 'https' || target.service === 'tls')) this.#net.prepare()
    const names = new Set(flows.filter(needsName).map(({ target }) => target.name))
    this.#say({ kind: 'stage', stage: 'names', count: names.size })
    this.#say({ kind: 'stage', stage: 'questions', count: flows.length })
    this.#total = flows.length
    // A question is put as soon as its own name is known: a silent resolver delays what needs it, and nothing else.
    const first = (
      await Promise.all(
        flows.map(async (flow) => {
          const items = await this.#itemsOf(flow)
          this.#total += items.length - 1
          return Promise.all(items.map((item) => this.#first(item)))
        }),
      )
    ).flat()

    const lookups = (await Promise.all(this.#resolved.values())).flatMap(({ observations }) => observations)
    const neighbourhood = new Neighbourhood(
      // In the order of the flows, not in that of the answers: the same network gives the same comparison.
      await Promise.all(new Set(first.flatMap(({ item }) => (item.question ? [this.#ask(item.question)] : [])))),
      lookups,
      // What is not to be knocked at is no control either, and what must be closed is none.
      flows.filter(({ necessity, expect }) => expect === 'open' && isAsked(necessity, expect)),
    )
    const failed = first.filter(({ open }) => !open)
    this.#say({ kind: 'stage', stage: 'controls', count: failed.length })
    const controls = new Map<string, Promise<readonly Observation[]>>()
    return Promise.all(
      first.map(async ({ item, observations, verdict, open }) => {
        if (open) return this.#report(item.flow, observations, verdict)
        const { question } = item
        const key = question === undefined ? `name|${item.flow.target.name}` : questionKey(question)
        const made = controls.get(key) ?? this.#control(item, neighbourhood, resolvers)
        controls.set(key, made)
        const around =
          question === undefined
            ? neighbourhood.contextOfName(item.flow.target.name ?? '')
            : neighbourhood.context(question)
        const all = [...observations, ...(await made), ...around]
        const judged = this.#judge(item.flow, all)
        this.#settle(item.flow, judged)
        return this.#report(item.flow, all, judged)
      }),
    )
  }

  /** What a question alone comes to; controls may still change it. */
  async #first(item: Item): Promise<First> {
    const asked = item.question === undefined ? undefined : await this.#ask(item.question)
    const observations = [...item.names, ...item.limits, ...(asked?.observations ?? [])]
    const verdict = this.#judge(item.flow, observations)
    const open = !wantsControls(item.flow, verdict)
    if (open) this.#settle(item.flow, verdict)
    else this.#say({ kind: 'first-verdict', flow: item.flow, verdict })
    return { item, observations, verdict, open }
  }

  /** One item an address: what cannot be asked, and why, is an item as well. */
  async #itemsOf(flow: Flow): Promise<readonly Item[]> {
    const { target, necessity } = flow
    const nothing = { flow, names: [], limits: [], otherAddresses: [] }
    if (target.undialled !== undefined || !isAsked(necessity, flow.expect)) return [nothing]
    if (target.address !== undefined) return [this.#itemAt(flow, target.address, [], [])]
    if (target.name === undefined) return [nothing]
    const { addresses, observations } = await this.#resolve(target.name)
    const items = (['ipv4', 'ipv6'] as const).flatMap((family) => {
      const [address, ...others] = addresses[family]
      return address === undefined ? [] : [this.#itemAt(flow, address, observations, others)]
    })
    return items.length > 0 ? items : [{ ...nothing, names: observations, limits: this.#limitIfNot(observations) }]
  }

  #itemAt(flow: Flow, address: string, names: readonly Observation[], otherAddresses: readonly string[]): Item {
    const at = { ...flow, target: { ...flow.target, address } }
    const question = questionOf(at, address, transportsByScheme, this.#directory)
    if (!('limit' in question)) return { flow: at, names, question, limits: [], otherAddresses }
    const limits: Observation[] = []
    this.#ledger.page(limits, 'probe')(this.#toolLimit(question.limit, question.detail))
    return { flow: at, names, limits, otherAddresses }
  }

  #resolve(name: string): Promise<Resolved> {
    const known = this.#resolved.get(name)
    if (known !== undefined) return known
    const { families, resolvers } = this.#input
    const made = this.#queue.add(async (): Promise<Resolved> => {
      if (this.interrupted) return { addresses: { ipv4: [], ipv6: [] }, observations: [] }
      return resolveName(name, families, resolvers, this.#net, this.#ledger, this.#limits, (ask) =>
        this.#platform.add(ask),
      )
    })
    this.#resolved.set(name, made)
    return made
  }

  #ask(question: Question): Promise<Asked> {
    const key = questionKey(question)
    const known = this.#asked.get(key)
    if (known !== undefined) return known
    const made = this.#observe(question)
    this.#asked.set(key, made)
    return made
  }

  async #observe(question: Question): Promise<Asked> {
    const observations: Observation[] = []
    const keep = this.#ledger.page(observations, 'probe')
    const { signal, timeoutMs } = this.#limits
    await this.#queue.add(async () => {
      if (signal.aborted) return
      const probe = await this.#probe(question.scheme)
      await within(this.#questionBudgetMs, signal, (budget) =>
        probe.observe(question, this.#net, keep, { signal: budget, timeoutMs }),
      )
    })
    if (signal.aborted && !observations.some(({ kind }) => kind !== 'tool-limit')) {
      keep(this.#toolLimit(...this.#whyStopped()))
    }
    return { question, observations }
  }

  #probe(scheme: Scheme): Promise<Probe> {
    const known = this.#probes.get(scheme)
    if (known !== undefined) return known
    const loading = (probes[scheme] ?? probes.tcp).load()
    this.#probes.set(scheme, loading)
    return loading
  }

  async #control(item: Item, neighbourhood: Neighbourhood, resolvers: Resolvers): Promise<readonly Observation[]> {
    if (this.interrupted) return []
    const failed = item.names.filter(
      (seen): seen is NameLookup => seen.kind === 'name-lookup' && seen.outcome !== 'answer',
    )
    const ask =
      item.question !== undefined
        ? this.#controlsOf(item.question, item, neighbourhood, resolvers)
        : failed.length > 0
          ? () => controlNames(failed, resolvers, this.#means)
          : undefined
    return ask === undefined ? [] : ask()
  }

  #controlsOf(question: Question, item: Item, neighbourhood: Neighbourhood, resolvers: Resolvers) {
    return async (): Promise<readonly Observation[]> => {
      const { observations } = await this.#ask(question)
      const around = neighbourhood.around(question, resolvers, item.otherAddresses)
      return askControls(question, [...item.names, ...observations], around, this.#means)
    }
  }

  #judge(flow: Flow, observations: readonly Observation[]): Verdict {
    const known: Case = { flow, observations, context: this.context }
    return diagnose(known)
  }

  #report(flow: Flow, evidence: readonly Observation[], verdict: Verdict): FlowReport {
    return { ...flow, ...verdict, evidence, timing: timingOf(evidence) }
  }

  #settle(flow: Flow, verdict: Verdict): void {
    this.#settled += 1
    this.#say({ kind: 'settled', flow, verdict, done: this.#settled, total: this.#total })
  }

  #say(event: CheckEvent): void {
    this.#options.onEvent?.(event)
  }

  /** A name that was never looked up because the check ended says so. */
  #limitIfNot(observations: readonly Observation[]): readonly Observation[] {
    if (observations.length > 0 || !this.#limits.signal.aborted) return []
    const limits: Observation[] = []
    this.#ledger.page(limits, 'probe')(this.#toolLimit(...this.#whyStopped()))
    return limits
  }

  #whyStopped(): ['aborted' | 'budget', string] {
    return this.#options.signal.aborted
      ? ['aborted', 'the check was stopped before this was asked']
      : ['budget', 'the time for the whole check was over before this was asked']
  }

  #toolLimit(limit: 'no-probe-yet' | 'aborted' | 'budget', detail: string): Unfiled {
    return { kind: 'tool-limit', at: new Date(this.#net.now()).toISOString(), ms: 0, limit, detail }
  }
}

const transportsByScheme: ReadonlyMap<Scheme, readonly ('tcp' | 'udp')[]> = new Map(
  Object.values(probes).map(({ scheme, transports }) => [scheme, transports]),
)

function needsName({ target, necessity, expect }: Flow): boolean {
  return (
    target.undialled === undefined &&
    target.address === undefined &&
    target.name !== undefined &&
    isAsked(necessity, expect)
  )
}

/** What old builds and one machine alone use is shown in the plan and not knocked at; what must be closed is. */
function isAsked(necessity: Flow['necessity'], expect: Flow['expect']): boolean {
  return expect === 'closed' || (necessity !== 'legacy' && necessity !== 'local-only' && necessity !== 'not-required')
}

/** Controls are for failures of what ought to be open; never after success. */
function wantsControls(flow: Flow, verdict: Verdict): boolean {
  if (flow.expect === 'closed') return false
  return verdict.verdict === 'blocked' || verdict.verdict === 'wrong' || verdict.verdict === 'unknown'
}
