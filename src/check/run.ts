import type { LimitFunction } from 'p-limit'
import pLimit from 'p-limit'
import { diagnose } from '../diagnose/index.ts'
import type { Flow } from '../model/flow.ts'
import type { Observation } from '../model/observation.ts'
import type { CaptureTold, FlowReport, JudgementContext, TracesTold } from '../model/report.ts'
import type { Scheme, Service } from '../model/service.ts'
import { schemes } from '../model/service.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Limits, Net } from '../net/net.ts'
import { probes } from '../probes/index.ts'
import type { Question } from '../probes/probe.ts'
import type { Means } from './askControls.ts'
import { Capture } from './capture.ts'
import type { CheckEvent, CheckInput, CheckOptions } from './checkOptions.ts'
import { usualConcurrency, usualTimeoutMs } from './checkOptions.ts'
import type { Comparison } from './comparisonFor.ts'
import { comparisonFor } from './comparisonFor.ts'
import { Comparisons } from './comparisons.ts'
import { speaksTls } from './converse.ts'
import { silentAfter } from './earlyControls.ts'
import { isAsked, needsName } from './isAsked.ts'
import type { Item } from './items.ts'
import { Items } from './items.ts'
import type { Ledger } from './ledger.ts'
import { openLedger } from './ledger.ts'
import { measureSeries, takesConnections } from './measureSeries.ts'
import type { Compared } from './openCrowds.ts'
import { openCrowds } from './openCrowds.ts'
import { Questions } from './questions.ts'
import type { Resolved } from './resolveNames.ts'
import { platformLookups, resolveName } from './resolveNames.ts'
import type { Sayings } from './sayings.ts'
import { createSayings } from './sayings.ts'
import { StandIns } from './standIns.ts'
import { asOtherAddress, Neighbourhood, oncePerId } from './surroundings.ts'
import { timingOf } from './timingOf.ts'
import { silentPlaceOf, Traces } from './traces.ts'

/** An item with its first verdict. */
interface First {
  readonly item: Item
  /** What its question came to. */
  readonly asked: readonly Observation[]
  /** That, and what is known of its name. */
  readonly observations: readonly Observation[]
  readonly verdict: Verdict
  readonly wants: Comparison
  /** Nothing more is asked of it. */
  readonly isSettled: boolean
}

/** One check under way: from its flows to what is reported of each. */
export class Run {
  readonly #context: JudgementContext
  readonly #input: CheckInput
  readonly #net: Net
  readonly #options: CheckOptions
  readonly #ledger: Ledger = openLedger()
  /** Work is not taken out of the queue by an abort: what begins after it returns at once, and what runs keeps what it saw. */
  readonly #queue: LimitFunction
  readonly #platform = pLimit(platformLookups)
  readonly #limits: Limits
  readonly #means: Means
  readonly #sayings: Sayings
  readonly #items: Items
  readonly #questions: Questions
  readonly #traces: Traces
  readonly #standIns: StandIns
  readonly #resolved = new Map<string, Promise<Resolved>>()
  readonly #comparisons: Comparisons
  #capture: Capture | undefined
  #settled = 0
  #total = 0

  /** @param signal ends the check: by whoever wants it to, or because its time is over */
  constructor(input: CheckInput, net: Net, options: CheckOptions, signal: AbortSignal, judgedAt: string) {
    this.#input = input
    this.#net = net
    this.#options = options
    this.#context = { judgedAt, ...input.context, ...(input.forest !== undefined && { forest: input.forest }) }
    const directory = {
      ...(input.context.domain !== undefined && { domain: input.context.domain }),
      ...(input.forest !== undefined && { forest: input.forest }),
    }
    this.#queue = pLimit(options.concurrency ?? usualConcurrency)
    const timeoutMs = options.timeoutMs ?? usualTimeoutMs
    const questionBudgetMs = options.questionBudgetMs ?? timeoutMs * 4
    this.#limits = { timeoutMs, signal }
    this.#traces = new Traces(options.trace, this.#ledger)
    this.#standIns = new StandIns(input.flows)
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
      silentAfterMs: silentAfter(timeoutMs, net.refusalMs),
      posture: options.posture === true,
      idleMs: options.idleMs,
    })
    this.#items = new Items({
      proxies: input.proxies,
      mapped: input.context.names,
      directory,
      apps: input.context.apps,
      known: transportsByScheme,
      everyAddress: options.everyAddress === true,
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
    this.#comparisons = new Comparisons({
      flows: input.flows,
      resolvers: input.resolvers,
      directory,
      questions: this.#questions,
      items: this.#items,
      means: this.#means,
    })
  }

  get interrupted(): boolean {
    return this.#limits.signal.aborted
  }

  /** Whether there is a capture is known before anything is judged. */
  get context(): JudgementContext {
    const remedy = this.#capture?.told.remedy
    return remedy === undefined ? this.#context : { ...this.#context, captureRemedy: remedy }
  }

  /** What came of the capture; nothing where none was asked for. */
  get capture(): CaptureTold | undefined {
    return this.#capture?.told
  }

  /** What came of the paths that were traced; nothing where none was to be. */
  get traces(): TracesTold | undefined {
    return this.#traces.told
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
        items.map(async (resolving, at) => {
          const found = await resolving
          this.#total += found.length - 1
          this.#comparisons.early.resolved(found)
          const ended = await Promise.all(found.map((item) => this.#first(item)))
          const verdicts = ended.map(({ verdict }) => verdict)
          if (flows[at] !== undefined) this.#standIns.ended(flows[at], verdicts)
          return ended
        }),
      )
    ).flat()

    const isAllSettled = first.every(({ isSettled }) => isSettled)
    if (isAllSettled && this.#capture === undefined) {
      return first.map(({ item, observations, verdict }) => this.#report(item.flow, observations, verdict))
    }
    const lookups = (await Promise.all(this.#resolved.values())).flatMap(({ observations }) => observations)
    const neighbourhood = new Neighbourhood(
      // In the order of the flows, not in that of the answers: the same network gives the same comparison.
      await Promise.all(
        new Set(first.flatMap(({ item }) => (item.question ? [this.#questions.ask(item.question)] : []))),
      ),
      lookups,
      this.#comparisons.comparable(),
    )
    this.#say({ kind: 'stage', stage: 'controls', count: first.filter(({ wants }) => wants === 'controls').length })
    if (this.#capture === undefined) this.#traceAll(first)
    const seenOf = await this.#compareAll(first, neighbourhood)
    return Promise.all(
      first.map(async (one) => {
        const { item, observations, verdict } = one
        const seen = seenOf.get(one)
        if (seen === undefined) return this.#report(item.flow, observations, verdict)
        const all = await this.#withTraces(item, await seen)
        const judged = this.#judge(item.flow, all)
        this.#settle(item.flow, judged)
        return this.#report(item.flow, all, judged)
      }),
    )
  }

  /**
   * Everything that is seen of flows that their own question has not settled: what they are compared with, then limits of
   * connections, then series, and what packets show of all of it.
   */
  async #compareAll(
    first: readonly First[],
    around: Neighbourhood,
  ): Promise<ReadonlyMap<First, Promise<readonly Observation[]>>> {
    const unsettled = first.filter(({ isSettled }) => !isSettled)
    const compared = unsettled.map((one) => this.#compared(one, around))
    const crowdAt = openCrowds(this.#means, compared)
    const crowded = unsettled.map(async ({ item, wants }, at): Promise<Compared> => {
      const one = (await compared[at]) ?? { seen: [] }
      const crowd = wants === 'none' ? [] : await crowdAt(one)
      return { question: item.question, seen: [...one.seen, ...crowd] }
    })
    const { concurrency = usualConcurrency } = this.#options
    const seriesAt = measureSeries(this.#means, this.#options, concurrency, crowded, (count) =>
      this.#say({ kind: 'stage', stage: 'series', count }),
    )
    const measured = unsettled.map(async ({ item }, at): Promise<readonly Observation[]> => {
      const one = (await crowded[at]) ?? { seen: [] }
      return this.#measures(item) ? [...one.seen, ...(await seriesAt(one))] : one.seen
    })
    const capture = this.#capture
    if (capture === undefined) return new Map(unsettled.map((one, at) => [one, measured[at] ?? Promise.resolve([])]))
    const all = await Promise.all(measured)
    // What stands at a host is evidence for what it refuses.
    const settled = first.flatMap(({ isSettled, observations }) => (isSettled ? observations : []))
    await capture.end([...settled, ...all.flat()], this.#limits, () => this.#net.now())
    // What a path tool sends would be taken for the question's own.
    this.#traceAll(unsettled)
    return new Map(
      unsettled.map((one, at) => {
        const seen = all[at] ?? []
        return [one, Promise.resolve([...seen, ...capture.evidenceOf(seen, one.item.question?.address)])]
      }),
    )
  }

  async #compared({ item, asked, observations, wants }: First, around: Neighbourhood): Promise<Compared> {
    const { question } = item
    if (wants === 'none') return { seen: observations }
    const made = wants === 'context' ? [] : await this.#comparisons.of(item, asked, around)
    const beside = await Promise.all(item.beside.map((other) => this.#questions.ask(other)))
    const context = around.contextOf(item.flow, question)
    return { question, seen: oncePerId([...observations, ...made, ...beside.flatMap(asOtherAddress), ...context]) }
  }

  /** With the paths that were traced to where it ended in silence. */
  async #withTraces({ question }: Item, seen: readonly Observation[]): Promise<readonly Observation[]> {
    return [...seen, ...(await this.#traces.at(silentPlaceOf(question, seen)))]
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
    const spared = this.#standIns.isSpared(item.flow)
    if (spared !== undefined && (await spared)) {
      const verdict = this.#judge(item.flow, [])
      this.#settle(item.flow, verdict)
      this.#comparisons.early.ended(item)
      const { question: _, ...unasked } = item
      return { item: unasked, asked: [], observations: [], verdict, wants: 'none', isSettled: true }
    }
    const { question } = item
    const asked =
      question === undefined ? undefined : await this.#questions.ask(question, () => this.#whenSilent(item, question))
    if (asked !== undefined) this.#traces.heard(asked.observations)
    const observations = [...item.names, ...item.limits, ...(asked?.observations ?? [])]
    const verdict = this.#judge(item.flow, observations)
    const wants = comparisonFor(item.flow, verdict, observations)
    const isMeasured = question !== undefined && this.#measures(item) && takesConnections(question, observations)
    const isSettled = wants === 'none' && !isMeasured
    if (isSettled) this.#settle(item.flow, verdict)
    else this.#say({ kind: 'first-verdict', flow: item.flow, verdict })
    this.#comparisons.early.ended(item, wants === 'controls' ? asked?.observations : undefined)
    return { item, asked: asked?.observations ?? [], observations, verdict, wants, isSettled }
  }

  /** Whether the way to where the item goes is measured besides. */
  #measures({ flow }: Item): boolean {
    const { lossCount, ratePerSecond } = this.#options
    return flow.expect === 'open' && (lossCount !== undefined || ratePerSecond !== undefined)
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

  #whenSilent(item: Item, question: Question): void {
    this.#comparisons.early.silent(item, question)
    this.#standIns.silent(item.flow)
    if (this.#options.capture !== undefined || item.flow.expect !== 'open' || question.via !== undefined) return
    const { address, port, transport } = question
    this.#traces.silent({ address, port, transport }, this.#comparisons.early.limits)
  }

  /** Has the paths traced to what ended in silence, of what ought to be open. */
  #traceAll(first: readonly First[]): void {
    for (const { item, observations, wants } of first) {
      if (wants === 'controls') this.#traces.silent(silentPlaceOf(item.question, observations), this.#limits)
    }
  }

  #judge(flow: Flow, observations: readonly Observation[]): Verdict {
    return diagnose({ flow, observations, context: this.context })
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
