import { diagnose } from '../diagnose/index.ts'
import type { Flow } from '../model/flow.ts'
import type { Observation } from '../model/observation.ts'
import type { CaptureTold, FlowReport, JudgementContext, TracesTold } from '../model/report.ts'
import type { Service } from '../model/service.ts'
import { schemes } from '../model/service.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Net } from '../net/net.ts'
import type { Question } from '../probes/probe.ts'
import { Capture } from './capture.ts'
import type { CheckEvent, CheckInput, CheckOptions } from './checkOptions.ts'
import { comparisonFor } from './comparisonFor.ts'
import { speaksTls } from './converse.ts'
import { isAsked, needsName } from './isAsked.ts'
import type { Item } from './items.ts'
import { takesConnections } from './measureSeries.ts'
import type { Parts } from './parts.ts'
import { partsOf } from './parts.ts'
import { SiteRecords, sitesNamed, takesSites } from './siteRecords.ts'
import { Neighbourhood } from './surroundings.ts'
import { timingOf } from './timingOf.ts'
import { silentPlaceOf } from './traces.ts'
import type { First } from './unsettled.ts'
import { isMeasured, seeMore } from './unsettled.ts'

/** One check under way: from its flows to what is reported of each. */
export class Run {
  readonly #context: JudgementContext
  readonly #input: CheckInput
  readonly #net: Net
  readonly #options: CheckOptions
  readonly #parts: Parts
  #capture: Capture | undefined
  #settled = 0
  #total = 0
  /** Whether an answer may come that says in which site this machine is. */
  readonly #mayLearnSite: boolean

  /** @param signal ends the check: by whoever wants it to, or because its time is over */
  constructor(input: CheckInput, net: Net, options: CheckOptions, signal: AbortSignal, judgedAt: string) {
    this.#input = input
    this.#net = net
    this.#options = options
    this.#context = { judgedAt, ...input.context, ...(input.forest !== undefined && { forest: input.forest }) }
    this.#parts = partsOf(input, net, options, signal)
    this.#mayLearnSite = input.flows.some((flow) => flow.target.service === 'cldap' && isAsked(flow))
  }

  get interrupted(): boolean {
    return this.#parts.means.limits.signal.aborted
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
    return this.#parts.traces.told
  }

  async flows(): Promise<readonly FlowReport[]> {
    try {
      return await this.#flows()
    } finally {
      // Comparisons and traces that nobody needs any more would keep the process from ending.
      this.#parts.comparisons.end()
      this.#parts.traces.end()
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
    await this.#parts.questions.load(wanted)
    const names = new Set(flows.filter(needsName).map(({ target }) => target.name))
    this.#say({ kind: 'stage', stage: 'names', count: names.size })
    this.#say({ kind: 'stage', stage: 'questions', count: flows.length })
    this.#total = flows.length
    for (const flow of flows.filter(needsName)) {
      const { name } = flow.target
      if (name !== undefined) this.#parts.names.whenSilent(name, () => this.#parts.comparisons.nameSilent(flow))
    }
    const items = flows.map((flow) => this.#parts.items.of(flow))
    await this.#beginCapture(items)
    // A question is put as soon as its own name is known: a silent resolver delays what needs it, and nothing else.
    const first = (
      await Promise.all(
        items.map(async (resolving, at) => {
          const found = await resolving
          this.#total += found.length - 1
          this.#parts.comparisons.early.resolved(found)
          const ended = await Promise.all(found.map((item) => this.#first(item)))
          const verdicts = ended.map(({ verdict }) => verdict)
          if (flows[at] !== undefined) this.#parts.standIns.ended(flows[at], verdicts)
          return ended
        }),
      )
    ).flat()

    const isAllSettled = first.every(({ isSettled }) => isSettled)
    if (isAllSettled && this.#capture === undefined) {
      return first.map(({ item, observations, verdict }) => this.#report(item.flow, observations, verdict))
    }
    const lookups = await this.#parts.names.lookups()
    const neighbourhood = new Neighbourhood(
      // In the order of the flows, not in that of the answers: the same network gives the same comparison.
      await Promise.all(
        new Set(first.flatMap(({ item }) => (item.question ? [this.#parts.questions.ask(item.question)] : []))),
      ),
      lookups,
      this.#parts.comparisons.comparable(),
    )
    this.#say({ kind: 'stage', stage: 'controls', count: first.filter(({ wants }) => wants === 'controls').length })
    if (this.#capture === undefined) this.#traceAll(first)
    const seenOf = await this.#seeAll(first, neighbourhood)
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

  /** Everything that is seen of flows that their own question has not settled, and what packets show of all of it. */
  async #seeAll(
    first: readonly First[],
    around: Neighbourhood,
  ): Promise<ReadonlyMap<First, Promise<readonly Observation[]>>> {
    const { means, questions, comparisons, directory } = this.#parts
    const said = first.flatMap(({ asked }) => asked)
    const sites = new SiteRecords(sitesNamed(said, directory), directory, means)
    const unsettled = first.filter(({ isSettled }) => !isSettled)
    const onSeries = (count: number): void => this.#say({ kind: 'stage', stage: 'series', count })
    const more = seeMore(unsettled, around, { means, questions, comparisons, sites, options: this.#options, onSeries })
    const capture = this.#capture
    if (capture === undefined) return new Map(unsettled.map((one, at) => [one, more[at] ?? Promise.resolve([])]))
    const all = await Promise.all(more)
    // What stands at a host is evidence for what it refuses.
    const settled = first.flatMap(({ isSettled, observations }) => (isSettled ? observations : []))
    await capture.end([...settled, ...all.flat()], means.limits, () => this.#net.now())
    // What a path tool sends would be taken for the question's own.
    this.#traceAll(unsettled)
    return new Map(
      unsettled.map((one, at) => {
        const seen = all[at] ?? []
        return [one, Promise.resolve([...seen, ...capture.evidenceOf(seen, one.item.question?.address)])]
      }),
    )
  }

  /** With the paths that were traced to where it ended in silence. */
  async #withTraces({ question }: Item, seen: readonly Observation[]): Promise<readonly Observation[]> {
    return [...seen, ...(await this.#parts.traces.at(silentPlaceOf(question, seen)))]
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
    const { ledger, limits } = this.#parts.means
    this.#capture = await Capture.begin(capture, [...new Set(addresses)], ledger, limits.signal)
  }

  /** What a question alone comes to; controls may still change it. */
  async #first(item: Item): Promise<First> {
    const spared = this.#parts.standIns.isSpared(item.flow)
    if (spared !== undefined && (await spared)) {
      const verdict = this.#judge(item.flow, [])
      this.#settle(item.flow, verdict)
      this.#parts.comparisons.early.ended(item)
      const { question: _, ...unasked } = item
      return { item: unasked, asked: [], observations: [], verdict, wants: 'none', isSettled: true }
    }
    const { question } = item
    const { questions, traces, comparisons } = this.#parts
    const asked =
      question === undefined ? undefined : await questions.ask(question, () => this.#whenSilent(item, question))
    if (asked !== undefined) traces.heard(asked.question, asked.observations)
    // A resolver that was silent when another one gave the name has been heard to its end by now, or is waited for.
    const names = [...item.names, ...((await item.lateNames) ?? [])]
    const observations = [...names, ...item.limits, ...(asked?.observations ?? [])]
    const verdict = this.#judge(item.flow, observations)
    const wants = comparisonFor(item.flow, verdict, observations)
    const isToBeMeasured =
      question !== undefined && isMeasured(item.flow, this.#options) && takesConnections(question, observations)
    const waitsForSite = this.#mayLearnSite && takesSites(question, observations)
    const isSettled = wants === 'none' && !isToBeMeasured && !waitsForSite
    if (isSettled) this.#settle(item.flow, verdict)
    else this.#say({ kind: 'first-verdict', flow: item.flow, verdict })
    comparisons.early.ended(item, asked?.observations, wants === 'controls')
    return { item: { ...item, names }, asked: asked?.observations ?? [], observations, verdict, wants, isSettled }
  }

  #whenSilent(item: Item, question: Question): void {
    this.#parts.comparisons.early.silent(item, question)
    this.#parts.standIns.silent(item.flow)
    if (this.#options.capture !== undefined || item.flow.expect !== 'open' || question.via !== undefined) return
    const { address, port, transport } = question
    this.#parts.traces.silent({ address, port, transport }, this.#parts.comparisons.early.limits)
  }

  /** Has the paths traced to what ended in silence, of what ought to be open. */
  #traceAll(first: readonly First[]): void {
    const { traces, means } = this.#parts
    for (const { item, observations, wants } of first) {
      if (wants === 'controls') traces.silent(silentPlaceOf(item.question, observations), means.limits)
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
