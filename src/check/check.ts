import type { LimitFunction } from 'p-limit'
import pLimit from 'p-limit'
import type { Case } from '../diagnose/case.ts'
import { diagnose, summaryOf } from '../diagnose/index.ts'
import { isInOwnZone, isOwnName, sameName } from '../diagnose/names.ts'
import type { Flow } from '../model/flow.ts'
import type { NameLookup, Observation } from '../model/observation.ts'
import type { CaptureTold, CheckReport, FlowReport, JudgementContext } from '../model/report.ts'
import type { Scheme, Service } from '../model/service.ts'
import { schemes } from '../model/service.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Limits, Net } from '../net/net.ts'
import { probes } from '../probes/index.ts'
import type { Means } from './askControls.ts'
import { askControls, askOtherWays } from './askControls.ts'
import type { StartCapture } from './capture.ts'
import { Capture } from './capture.ts'
import type { Comparison } from './comparisonFor.ts'
import { comparisonFor } from './comparisonFor.ts'
import { controlNames } from './controlNames.ts'
import { speaksTls } from './converse.ts'
import { findingsOf } from './findingsOf.ts'
import { isAsked, needsName } from './isAsked.ts'
import type { Item } from './items.ts'
import { Items } from './items.ts'
import type { Ledger } from './ledger.ts'
import { openLedger } from './ledger.ts'
import type { Compared } from './openCrowds.ts'
import { openCrowds } from './openCrowds.ts'
import type { ProxyPlace } from './otherProxies.ts'
import type { Directory } from './questionOf.ts'
import { questionKey } from './questionOf.ts'
import { mostHeld, Questions } from './questions.ts'
import type { Family, Resolved, Resolvers } from './resolveNames.ts'
import { platformLookups, resolveName } from './resolveNames.ts'
import type { Sayings } from './sayings.ts'
import { createSayings } from './sayings.ts'
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
  /** Proxies by the names that flows go through them by, and those that a failing flow may be compared with. */
  readonly proxies: Readonly<Record<string, ProxyPlace>>
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
  /** The longest that the whole check may take, in milliseconds, the time that connections are held not counted; default 120000. */
  readonly totalBudgetMs?: number
  /** Questions and controls under way at once, 1 to 1024; default 256, which leaves room below the usual 1024 descriptors. */
  readonly concurrency?: number
  /** What each TLS server that works takes besides: every version by itself, a long ClientHello, another name. Default: not asked. */
  readonly posture?: boolean
  /** The longest that connections are held without a word, to see whether they are still there then, in milliseconds; default: none is. */
  readonly idleMs?: number
  /** Captures packets beside the questions, as evidence of who refused and what came; default: no capture. */
  readonly capture?: StartCapture
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

/**
 * Proves flows from this machine: names first, then each question once, then controls for what failed, then judgement.
 * Each stage runs at once for all flows, so that the whole takes the longest single wait of each and not their sum. What
 * is alone on purpose comes after them: a look for limits of connections, at a few places, one after the other.
 * Never rejects for what the network did.
 */
export async function check(input: CheckInput, net: Net, options: CheckOptions): Promise<CheckReport> {
  const startedAt = net.now()
  const judgedAt = new Date(startedAt).toISOString()
  const idlesMs = (options.idleMs ?? 0) * Math.ceil(input.flows.length / mostHeld)
  const { run, flows } = await within((options.totalBudgetMs ?? 120_000) + idlesMs, options.signal, async (signal) => {
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
    context: run.context,
    summary: summaryOf(flows, input.elsewhere),
    flows,
    findings: findingsOf(flows, run.context),
  }
}

/** An item with its first verdict. */
interface First {
  readonly item: Item
  readonly observations: readonly Observation[]
  readonly verdict: Verdict
  readonly wants: Comparison
}

class Run {
  readonly context: JudgementContext
  readonly #input: CheckInput
  readonly #net: Net
  readonly #options: CheckOptions
  readonly #ledger: Ledger = openLedger()
  /** Work is not taken out of the queue by an abort: what begins after it returns at once, and what runs keeps what it saw. */
  readonly #queue: LimitFunction
  readonly #platform = pLimit(platformLookups)
  readonly #limits: Limits
  readonly #directory: Directory
  readonly #means: Means
  readonly #sayings: Sayings
  readonly #items: Items
  readonly #questions: Questions
  readonly #resolved = new Map<string, Promise<Resolved>>()
  #capture: Capture | undefined
  #settled = 0
  #total = 0

  /** @param signal ends the check: by whoever wants it to, or because its time is over */
  constructor(input: CheckInput, net: Net, options: CheckOptions, signal: AbortSignal, judgedAt: string) {
    this.#input = input
    this.#net = net
    this.#options = options
    this.context = { judgedAt, ...input.context, ...(input.forest !== undefined && { forest: input.forest }) }
    this.#directory = {
      ...(input.context.domain !== undefined && { domain: input.context.domain }),
      ...(input.forest !== undefined && { forest: input.forest }),
    }
    this.#queue = pLimit(options.concurrency ?? 256)
    const timeoutMs = options.timeoutMs ?? 3000
    const questionBudgetMs = options.questionBudgetMs ?? timeoutMs * 4
    this.#limits = { timeoutMs, signal }
    this.#sayings = createSayings({
      ledger: this.#ledger,
      now: () => net.now(),
      ended: signal,
      stoppedBy: options.signal,
      questionBudgetMs,
    })
    this.#questions = new Questions({
      net,
      ledger: this.#ledger,
      limits: this.#limits,
      sayings: this.#sayings,
      queue: this.#queue,
      questionBudgetMs,
      posture: options.posture === true,
      idleMs: options.idleMs,
    })
    this.#items = new Items({
      proxies: input.proxies,
      mapped: input.context.names,
      directory: this.#directory,
      apps: input.context.apps,
      known: transportsByScheme,
      sayings: this.#sayings,
      resolve: (name) => this.#resolve(name),
    })
    this.#means = {
      net,
      ledger: this.#ledger,
      limits: this.#limits,
      slot: (keep, work) =>
        this.#queue(() => (this.interrupted ? undefined : this.#questions.guarded(keep, 'control', work))),
    }
  }

  get interrupted(): boolean {
    return this.#limits.signal.aborted
  }

  /** What came of the capture; nothing where none was asked for. */
  get capture(): CaptureTold | undefined {
    return this.#capture?.told
  }

  async flows(): Promise<readonly FlowReport[]> {
    try {
      return await this.#flows()
    } finally {
      this.#capture?.abort()
    }
  }

  async #flows(): Promise<readonly FlowReport[]> {
    const { flows } = this.#input
    // Before anything is timed: the first handshake would otherwise carry the reading of the stores in its time.
    const spoken = new Set<Service>(flows.filter(isAsked).map(({ target }) => target.service))
    const wanted = schemes.filter((scheme) => scheme === 'tcp' || spoken.has(scheme))
    if (wanted.some((scheme) => speaksTls({ scheme }))) this.#net.prepare()
    // Before connections take the descriptors that loading a probe needs.
    await this.#questions.load(wanted)
    const names = new Set(flows.filter(needsName).map(({ target }) => target.name))
    this.#say({ kind: 'stage', stage: 'names', count: names.size })
    this.#say({ kind: 'stage', stage: 'questions', count: flows.length })
    this.#total = flows.length
    const items = flows.map((flow) => this.#items.of(flow))
    await this.#beginCapture(items)
    // A question is put as soon as its own name is known: a silent resolver delays what needs it, and nothing else.
    const first = (
      await Promise.all(
        items.map(async (resolving) => {
          const found = await resolving
          this.#total += found.length - 1
          return Promise.all(found.map((item) => this.#first(item)))
        }),
      )
    ).flat()

    const lookups = (await Promise.all(this.#resolved.values())).flatMap(({ observations }) => observations)
    const neighbourhood = new Neighbourhood(
      // In the order of the flows, not in that of the answers: the same network gives the same comparison.
      await Promise.all(
        new Set(first.flatMap(({ item }) => (item.question ? [this.#questions.ask(item.question)] : []))),
      ),
      lookups,
      // What is not to be knocked at is no control either, and what must be closed is none.
      flows.filter((flow) => flow.expect === 'open' && isAsked(flow)),
    )
    this.#say({ kind: 'stage', stage: 'controls', count: first.filter(({ wants }) => wants === 'controls').length })
    const controls = new Map<string, Promise<readonly Observation[]>>()
    const compared = first.map(async (one): Promise<Compared> => {
      const { item, observations, wants } = one
      if (wants === 'none') return { seen: observations }
      const key = this.#controlKey(item)
      const made = wants === 'context' ? undefined : (controls.get(key) ?? this.#control(item, neighbourhood))
      if (made !== undefined) controls.set(key, made)
      const context = neighbourhood.contextOf(item.flow, item.question)
      return { question: item.question, seen: [...observations, ...((await made) ?? []), ...context] }
    })
    const crowdAt = openCrowds(this.#means, compared)
    const crowded = compared.map(async (comparing, at): Promise<readonly Observation[]> => {
      const one = await comparing
      return first[at]?.wants === 'none' ? one.seen : [...one.seen, ...(await crowdAt(one))]
    })
    if (this.#capture !== undefined) {
      const seen = (await Promise.all(crowded)).flat()
      await this.#capture.end(seen, this.#limits, () => this.#net.now())
    }
    return Promise.all(
      first.map(async ({ item: { flow, question }, verdict, wants }, at) => {
        const seen = (await crowded[at]) ?? []
        if (wants === 'none') return this.#report(flow, seen, verdict)
        const all = [...seen, ...(this.#capture?.evidenceOf(seen, question?.address) ?? [])]
        const judged = this.#judge(flow, all)
        this.#settle(flow, judged)
        return this.#report(flow, all, judged)
      }),
    )
  }

  /**
   * Begins the capture that was asked for, once all names are known: its filter lets in what the flows dial, and nothing
   * else of this machine. So a silent resolver delays every question of such a check, by one wait.
   */
  async #beginCapture(items: readonly Promise<readonly Item[]>[]): Promise<void> {
    const { capture } = this.#options
    if (capture === undefined) return
    const all = (await Promise.all(items)).flat()
    const addresses = all.flatMap(({ question, otherAddresses }) =>
      question === undefined ? [] : [question.address, ...otherAddresses],
    )
    this.#capture = await Capture.begin(capture, [...new Set(addresses)], this.#ledger, this.#limits.signal)
  }

  /** What a question alone comes to; controls may still change it. */
  async #first(item: Item): Promise<First> {
    const asked = item.question === undefined ? undefined : await this.#questions.ask(item.question)
    const observations = [...item.names, ...item.limits, ...(asked?.observations ?? [])]
    const verdict = this.#judge(item.flow, observations)
    const wants = comparisonFor(item.flow, verdict, observations)
    if (wants === 'none') this.#settle(item.flow, verdict)
    else this.#say({ kind: 'first-verdict', flow: item.flow, verdict })
    return { item, observations, verdict, wants }
  }

  #resolve(name: string): Promise<Resolved> {
    const known = this.#resolved.get(name)
    if (known !== undefined) return known
    const { families, resolvers } = this.#input
    const none: Resolved = { addresses: { ipv4: [], ipv6: [] }, undiallable: [], observations: [] }
    const made = this.#queue(async (): Promise<Resolved> => {
      if (this.interrupted) return none
      const observations: Observation[] = []
      const ask = resolveName(name, families, resolvers, this.#net, this.#ledger, this.#limits, (platform) =>
        this.#platform(platform),
      )
      return ask.catch((error: unknown) => {
        this.#ledger.page(observations, 'probe')(this.#sayings.fault('look-up', error))
        return { ...none, observations }
      })
    })
    this.#resolved.set(name, made)
    return made
  }

  async #control(
    { flow, question, names, otherAddresses }: Item,
    around: Neighbourhood,
  ): Promise<readonly Observation[]> {
    if (this.interrupted) return []
    const { resolvers } = this.#input
    if (question !== undefined) {
      const { observations } = await this.#questions.ask(question)
      const ways = await this.#items.otherWays(flow)
      const surroundings = around.around(question, resolvers, this.#isOwn(flow), otherAddresses, ways)
      return askControls(question, [...names, ...observations], surroundings, this.#means)
    }
    const failed = names.filter((seen): seen is NameLookup => seen.kind === 'name-lookup' && seen.outcome !== 'answer')
    if (failed.length === 0) return []
    const [looked, others] = await Promise.all([
      controlNames(failed, resolvers, this.#isOwn(flow), this.#means),
      this.#items.otherWays(flow).then((ways) => askOtherWays(ways, this.#means)),
    ])
    return [...looked, ...others]
  }

  /**
   * Flows that put one question share its controls where these are chosen alike: other ways out are compared for what goes
   * to the internet, resolvers outside are asked for names that are not the site's own and that were looked up.
   */
  #controlKey({ flow, question, names }: Item): string {
    const { name, port, plannedPort, service, path } = flow.target
    const asked = question === undefined ? ['name', flow.via, name, port, service, path] : [questionKey(question)]
    const goesOut = flow.direction === 'outbound-internet'
    return JSON.stringify([...asked, goesOut, isOwnName(flow, this.#directory), plannedPort, names.length > 0])
  }

  /** Whether a name is one that resolvers outside are not asked for: of the site's zones, or of its host that the flow goes to. */
  #isOwn(flow: Flow): (name: string) => boolean {
    const ownHost = isOwnName(flow, this.#directory)
    return (name) => isInOwnZone(name, this.#directory) || (ownHost && sameName(name, flow.target.name))
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
}

const transportsByScheme: ReadonlyMap<Scheme, readonly ('tcp' | 'udp')[]> = new Map(
  Object.values(probes).map(({ scheme, transports }) => [scheme, transports]),
)
