import PQueue from 'p-queue'
import type { Case } from '../diagnose/case.ts'
import { diagnose, summaryOf } from '../diagnose/index.ts'
import { isInOwnZone, isOwnName, sameName } from '../diagnose/names.ts'
import { duration } from '../diagnose/wording.ts'
import { canonicalAddress } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import type { NameLookup, Observation, ToolLimit, Unfiled } from '../model/observation.ts'
import type { CheckReport, FlowReport, JudgementContext } from '../model/report.ts'
import type { Scheme, Service } from '../model/service.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Limits, Net } from '../net/net.ts'
import { servedAt } from '../plan/servedAt.ts'
import { probes } from '../probes/index.ts'
import { observePosture } from '../probes/posture.ts'
import type { Keep, Probe, Question } from '../probes/probe.ts'
import type { Comparison } from './comparisonFor.ts'
import { comparisonFor } from './comparisonFor.ts'
import { controlNames } from './controlNames.ts'
import type { Means } from './controls.ts'
import { askControls, askOtherWays } from './controls.ts'
import { findingsOf } from './findingsOf.ts'
import { isAsked, needsName } from './isAsked.ts'
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
  /** The longest that the whole check may take, in milliseconds; default 120000. */
  readonly totalBudgetMs?: number
  /** Questions and controls under way at once, 1 to 1024; default 256, which leaves room below the usual 1024 descriptors. */
  readonly concurrency?: number
  /** What each TLS server that works takes besides: every version by itself, a long ClientHello, another name. Default: not asked. */
  readonly posture?: boolean
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

/** Where a proxy listens: its name or address, and its port. */
export interface ProxyPlace {
  readonly host: string
  readonly port: number
}

/** The same with its name resolved, and the look-ups that it took; without an address when there is none. */
interface ProxyAt {
  readonly address?: string
  readonly port: number
  readonly observations: readonly Observation[]
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
      slot: (keep, work) =>
        this.#queue.add(() => (this.interrupted ? undefined : this.#guarded(keep, 'control', work))),
    }
  }

  get interrupted(): boolean {
    return this.#limits.signal.aborted
  }

  async flows(): Promise<readonly FlowReport[]> {
    const { flows, resolvers } = this.#input
    // Before anything is timed: the first handshake would otherwise carry the reading of the stores in its time.
    if (flows.some(({ target }) => overTls.has(target.service))) this.#net.prepare()
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
      flows.filter((flow) => flow.expect === 'open' && isAsked(flow)),
    )
    this.#say({ kind: 'stage', stage: 'controls', count: first.filter(({ wants }) => wants === 'controls').length })
    const controls = new Map<string, Promise<readonly Observation[]>>()
    return Promise.all(
      first.map(async ({ item, observations, verdict, wants }) => {
        if (wants === 'none') return this.#report(item.flow, observations, verdict)
        const { question } = item
        const key =
          question === undefined
            ? `name|${item.flow.via ?? ''}|${item.flow.target.name}|${item.flow.target.port}`
            : questionKey(question)
        const made = wants === 'context' ? [] : (controls.get(key) ?? this.#control(item, neighbourhood, resolvers))
        if (wants === 'controls') controls.set(key, Promise.resolve(made))
        const all = [...observations, ...(await made), ...neighbourhood.contextOf(item.flow, question)]
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
    const wants = comparisonFor(item.flow, verdict, observations)
    if (wants === 'none') this.#settle(item.flow, verdict)
    else this.#say({ kind: 'first-verdict', flow: item.flow, verdict })
    return { item, observations, verdict, wants }
  }

  /** One item an address: what cannot be asked, and why, is an item as well. */
  async #itemsOf(flow: Flow): Promise<readonly Item[]> {
    const { target, via } = flow
    const nothing = { flow, names: [], limits: [], otherAddresses: [] }
    if (target.undialled !== undefined || !isAsked(flow)) return [nothing]
    if (via !== undefined) return [await this.#itemThrough(flow, via)]
    if (target.address !== undefined) return [this.#itemAt(flow, target.address, [], [])]
    if (target.name === undefined) return [nothing]
    const { addresses, undiallable, observations } = await this.#resolve(target.name)
    const items = (['ipv4', 'ipv6'] as const).flatMap((family) => {
      const [address, ...others] = addresses[family]
      return address === undefined ? [] : [this.#itemAt(flow, address, observations, others)]
    })
    if (items.length > 0) return items
    if (undiallable.length === 0) return [{ ...nothing, names: observations, limits: this.#limitIfNot(observations) }]
    const lacks = undiallable[0]?.includes(':') === true ? 'IPv6' : 'IPv4'
    const detail = `this machine has no ${lacks}, and ${target.name} has no other address (${undiallable.join(', ')})`
    const limit = lacks === 'IPv6' ? 'no-ipv6' : 'no-ipv4'
    return [{ ...nothing, names: observations, limits: this.#limited(limit, detail) }]
  }

  /** What goes through a proxy is asked for there by its name: only the proxy's own name is resolved here. */
  async #itemThrough(flow: Flow, via: string): Promise<Item> {
    const { address, port, observations } = await this.#proxyAt(via)
    const item = { flow, names: observations, otherAddresses: [] }
    if (address === undefined) return { ...item, limits: this.#limitIfNot(observations) }
    const question = questionOf(flow, address, transportsByScheme, this.#directory, { proxy: via, port })
    if (!('limit' in question)) return { ...item, question, limits: [] }
    return { ...item, limits: this.#limited(question.limit, question.detail) }
  }

  /** @throws TypeError when the input has no proxy of that name */
  async #proxyAt(name: string): Promise<ProxyAt> {
    const place = this.#input.proxies[name]
    if (place === undefined) throw new TypeError(`a flow goes through ${name}, and no proxy is called that`)
    const address = canonicalAddress(place.host)
    if (address !== undefined) return { address, port: place.port, observations: [] }
    const { addresses, observations } = await this.#resolve(place.host)
    const [found] = [...addresses.ipv4, ...addresses.ipv6]
    return { ...(found !== undefined && { address: found }), port: place.port, observations }
  }

  #itemAt(flow: Flow, address: string, names: readonly Observation[], otherAddresses: readonly string[]): Item {
    const at = { ...flow, target: { ...flow.target, address } }
    const question = questionOf(at, address, transportsByScheme, this.#directory)
    if (!('limit' in question)) return { flow: at, names, question, limits: [], otherAddresses }
    return { flow: at, names, limits: this.#limited(question.limit, question.detail), otherAddresses }
  }

  #resolve(name: string): Promise<Resolved> {
    const known = this.#resolved.get(name)
    if (known !== undefined) return known
    const { families, resolvers } = this.#input
    const none: Resolved = { addresses: { ipv4: [], ipv6: [] }, undiallable: [], observations: [] }
    const made = this.#queue.add(async (): Promise<Resolved> => {
      if (this.interrupted) return none
      const ask = resolveName(name, families, resolvers, this.#net, this.#ledger, this.#limits, (platform) =>
        this.#platform.add(platform),
      )
      return ask.catch((error: unknown) => ({
        ...none,
        observations: this.#limited('fault', faultOf('look-up', error)),
      }))
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
      await this.#guarded(keep, `${question.scheme} probe`, async () => {
        const probe = await this.#probe(question.scheme)
        await within(this.#questionBudgetMs, signal, async (budget) => {
          await probe.observe(question, this.#net, keep, { signal: budget, timeoutMs })
          if (this.#options.posture === true && observations.some(isEstablished)) {
            await observePosture(question, this.#net, keep, { signal: budget, timeoutMs })
          }
          const isCut = observations.some((seen) => 'outcome' in seen && seen.outcome === 'aborted')
          if (isCut && !signal.aborted) keep(this.#toolLimit('question-budget', this.#budgetSpent()))
        })
      })
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
    if (item.question !== undefined) return this.#controlsOf(item.question, item, neighbourhood, resolvers)()
    if (failed.length === 0) return []
    const [names, others] = await Promise.all([
      controlNames(failed, resolvers, this.#isOwn(item.flow), this.#means),
      this.#otherWays(item.flow).then((ways) => askOtherWays(ways, this.#means)),
    ])
    return [...names, ...others]
  }

  #controlsOf(question: Question, item: Item, neighbourhood: Neighbourhood, resolvers: Resolvers) {
    return async (): Promise<readonly Observation[]> => {
      const { observations } = await this.#ask(question)
      const ways = await this.#otherWays(item.flow)
      const around = neighbourhood.around(question, resolvers, this.#isOwn(item.flow), item.otherAddresses, ways)
      return askControls(question, [...item.names, ...observations], around, this.#means)
    }
  }

  /** The same question by another way out: straight, of what goes through a proxy; through the site's proxies, of what goes out straight. */
  async #otherWays(flow: Flow): Promise<readonly Question[]> {
    const { target, via } = flow
    if (target.name === undefined || flow.direction !== 'outbound-internet') return []
    if (via !== undefined) {
      const straight = { ...flow, target: servedAt(this.context.names, target) }
      const found = straight.target.address ?? (await this.#anAddress(target.name))
      return found === undefined ? [] : this.#questions(straight, found)
    }
    const ways = await Promise.all(
      Object.keys(this.#input.proxies).map(async (proxy) => {
        const { address, port } = await this.#proxyAt(proxy)
        const planned = { ...flow, target: { ...target, port: target.plannedPort ?? target.port } }
        return address === undefined ? [] : this.#questions(planned, address, { proxy, port })
      }),
    )
    return ways.flat()
  }

  #questions(flow: Flow, address: string, via?: Question['via']): readonly Question[] {
    const question = questionOf(flow, address, transportsByScheme, this.#directory, via)
    return 'limit' in question ? [] : [question]
  }

  async #anAddress(name: string): Promise<string | undefined> {
    const { addresses } = await this.#resolve(name)
    return [...addresses.ipv4, ...addresses.ipv6][0]
  }

  /** Whether a name is one that resolvers outside are not asked for: of the site's zones, or of its host that the flow goes to. */
  #isOwn(flow: Flow): (name: string) => boolean {
    const ownHost = isOwnName(flow, this.#directory)
    return (name) => isInOwnZone(name, this.#directory) || (ownHost && sameName(name, flow.target.name))
  }

  /** A probe that throws has met what its author did not foresee: this question is lost, and no other. */
  async #guarded(keep: Keep, what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      keep(this.#toolLimit('fault', faultOf(what, error)))
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
    return this.#limited(...this.#whyStopped())
  }

  #limited(limit: ToolLimit['limit'], detail: string): readonly Observation[] {
    const limits: Observation[] = []
    this.#ledger.page(limits, 'probe')(this.#toolLimit(limit, detail))
    return limits
  }

  #budgetSpent(): string {
    return `the time for one question (${duration(this.#questionBudgetMs)}) was over`
  }

  #whyStopped(): ['aborted' | 'budget', string] {
    return this.#options.signal.aborted
      ? ['aborted', 'the check was stopped before this was asked']
      : ['budget', 'the time for the whole check was over before this was asked']
  }

  #toolLimit(limit: ToolLimit['limit'], detail: string): Unfiled {
    return { kind: 'tool-limit', at: new Date(this.#net.now()).toISOString(), ms: 0, limit, detail }
  }
}

/** Services whose probe shakes hands. */
const overTls: ReadonlySet<Service> = new Set(['https', 'tls', 'wss'])

const transportsByScheme: ReadonlyMap<Scheme, readonly ('tcp' | 'udp')[]> = new Map(
  Object.values(probes).map(({ scheme, transports }) => [scheme, transports]),
)

function isEstablished(seen: Observation): boolean {
  return seen.kind === 'tls-handshake' && seen.role === 'probe' && seen.outcome === 'established'
}

function faultOf(what: string, error: unknown): string {
  return `the ${what} of Postern failed: ${error instanceof Error ? error.message : String(error)}`
}
