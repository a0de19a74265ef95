import { isInOwnZone, isOwnName, sameName } from '../diagnose/names.ts'
import type { Flow } from '../model/flow.ts'
import { hostPort } from '../model/hostPort.ts'
import type { NameLookup, Observation } from '../model/observation.ts'
import type { Limits } from '../net/net.ts'
import type { Question } from '../probes/probe.ts'
import type { Means } from './askControls.ts'
import { askControls, askOtherWays } from './askControls.ts'
import type { FailedLookup } from './controlNames.ts'
import { controlNames } from './controlNames.ts'
import { EarlyControls } from './earlyControls.ts'
import { isAsked } from './isAsked.ts'
import type { Item, Items } from './items.ts'
import type { Directory } from './questionOf.ts'
import { questionKey } from './questionOf.ts'
import type { Questions } from './questions.ts'
import type { Family, Resolvers } from './resolveNames.ts'
import { Neighbourhood } from './surroundings.ts'
import type { Symptom } from './symptomOf.ts'
import { symptomOf } from './symptomOf.ts'
import { ZoneControls } from './zoneControls.ts'

/** What failures are compared with, and by. */
export interface ComparisonTools {
  readonly flows: readonly Flow[]
  readonly resolvers: Resolvers
  readonly families: readonly Family[]
  readonly directory: Directory
  readonly questions: Questions
  readonly items: Items
  readonly means: Means
}

/** The controls of one check: each is asked once, however many flows it tells something about. */
export class Comparisons {
  readonly #tools: ComparisonTools
  /** What is compared while there is still somebody waiting in vain. */
  readonly early: EarlyControls
  readonly #zones: ZoneControls
  readonly #made = new Map<string, Promise<readonly Observation[]>>()
  /** What names were compared with while their resolver was silent. */
  readonly #unheard = new Map<string, Promise<readonly Observation[]>>()
  readonly #ended = new AbortController()
  /** What was seen when so many observations had been filed. */
  #soFar: { readonly filed: number; readonly around: Neighbourhood } | undefined

  constructor(tools: ComparisonTools) {
    const { means, flows, resolvers, directory } = tools
    this.#tools = tools
    this.#zones = new ZoneControls(resolvers.internal, directory, means)
    this.early = new EarlyControls({
      limits: means.limits,
      refusalMs: means.net.refusalMs,
      flows: flows.length,
      keyOf: (item) => this.#keyOf(item),
      ask: (item, question, symptom, limits) => this.#compare(item, question, symptom, this.#neighboursSoFar(), limits),
    })
  }

  /**
   * What a failure is compared with, early or now.
   *
   * @param asked what its question came to
   * @param around everything that the questions of the check came to
   */
  of(item: Item, asked: readonly Observation[], around: Neighbourhood): Promise<readonly Observation[]> {
    const early = this.early.of(item, asked)
    if (early !== undefined) return early
    const key = this.#keyOf(item)
    const made = this.#made.get(key) ?? this.#ask(item, around)
    this.#made.set(key, made)
    return made
  }

  /** What is not to be knocked at is no control either, and what must be closed is none. */
  comparable(): readonly Flow[] {
    return this.#tools.flows.filter((flow) => flow.expect === 'open' && isAsked(flow))
  }

  /** Questions that were put together grow silent together: they are compared with the same. */
  #neighboursSoFar(): Neighbourhood {
    const { questions, means } = this.#tools
    const { filed } = means.ledger
    if (this.#soFar?.filed !== filed) {
      this.#soFar = { filed, around: new Neighbourhood(questions.soFar(), [], this.comparable()) }
    }
    return this.#soFar.around
  }

  /** @param limits of each question that is asked to compare with */
  async #compare(
    { flow, otherAddresses }: Item,
    question: Question,
    symptom: Symptom,
    around: Neighbourhood,
    limits: Limits,
  ): Promise<readonly Observation[]> {
    const { items, resolvers, means } = this.#tools
    const ways = await items.otherWays(flow)
    const surroundings = around.around(question, resolvers, this.#isOwn(flow), otherAddresses, ways)
    return askControls(question, symptom, surroundings, { ...means, limits })
  }

  async #ask(item: Item, around: Neighbourhood): Promise<readonly Observation[]> {
    const { items, questions, means } = this.#tools
    if (means.limits.signal.aborted) return []
    const { flow, question, names } = item
    if (question !== undefined) {
      const { observations } = await questions.ask(question)
      const symptom = symptomOf([...names, ...observations], question.address)
      return this.#compare(item, question, symptom, around, means.limits)
    }
    const failed = names.filter((seen): seen is NameLookup => seen.kind === 'name-lookup' && seen.outcome !== 'answer')
    if (failed.length === 0) return []
    const early = failed.every(({ outcome }) => outcome === 'timeout')
      ? this.#unheard.get(this.#nameKey(flow))
      : undefined
    const [looked, others] = await Promise.all([
      early ?? this.#compareNames(flow, failed, means.limits),
      items.otherWays(flow).then((ways) => askOtherWays(ways, means)),
    ])
    return [...looked, ...others]
  }

  async #compareNames(flow: Flow, failed: readonly FailedLookup[], limits: Limits): Promise<readonly Observation[]> {
    const { resolvers, means } = this.#tools
    const [looked, zones] = await Promise.all([
      controlNames(failed, resolvers, this.#isOwn(flow), { ...means, limits }),
      // A resolver is asked of the zone once for all names: whether one of them is answered does not end it.
      this.#zones.beside(failed, { ...limits, signal: AbortSignal.any([means.limits.signal, this.#ended.signal]) }),
    ])
    return [...looked, ...zones]
  }

  /**
   * The resolver has said nothing of the name of a flow yet: it is compared in what is left of the wait, so that a check of
   * which everything is silent takes one wait. Where an answer comes after all, none of it is used.
   */
  nameSilent(flow: Flow): () => void {
    const { families, resolvers } = this.#tools
    const { name } = flow.target
    const [resolver] = resolvers.internal
    const key = this.#nameKey(flow)
    const { limits } = this.early
    const isAskedFor = flow.expect === 'open' && !limits.signal.aborted && !this.#unheard.has(key)
    if (name === undefined || resolver === undefined || !isAskedFor) return () => {}
    const asked = { name, resolver: hostPort(resolver.address, resolver.port), resolverRole: 'internal' } as const
    const failed = families.map((family): FailedLookup => {
      return { ...asked, type: family === 'ipv4' ? 'A' : 'AAAA', outcome: 'timeout' }
    })
    const stop = new AbortController()
    const signal = AbortSignal.any([limits.signal, this.#ended.signal, stop.signal])
    const seen = this.#compareNames(flow, failed, { ...limits, signal })
    // Whoever wants it hears of a failure; where nobody does, it is nobody's.
    seen.catch(() => {})
    this.#unheard.set(key, seen)
    return () => stop.abort()
  }

  /** Nothing of what is still asked is waited for any more. */
  end(): void {
    this.early.end()
    this.#ended.abort()
  }

  /** What a name is compared with, and whether that is its own, is the same for all flows with the same key. */
  #nameKey(flow: Flow): string {
    return JSON.stringify([flow.target.name, isOwnName(flow, this.#tools.directory)])
  }

  /**
   * Flows that put one question share its controls where these are chosen alike: other ways out are compared for what goes
   * to the internet, resolvers outside are asked for names that are not the site's own and that were looked up.
   */
  #keyOf({ flow, question, names }: Item): string {
    const { name, port, plannedPort, service, path } = flow.target
    const asked = question === undefined ? ['name', flow.via, name, port, service, path] : [questionKey(question)]
    const goesOut = flow.direction === 'outbound-internet'
    return JSON.stringify([...asked, goesOut, isOwnName(flow, this.#tools.directory), plannedPort, names.length > 0])
  }

  /** Whether a name is one that resolvers outside are not asked for: of the site's zones, or of its host that the flow goes to. */
  #isOwn(flow: Flow): (name: string) => boolean {
    const ownHost = isOwnName(flow, this.#tools.directory)
    return (name) => isInOwnZone(name, this.#tools.directory) || (ownHost && sameName(name, flow.target.name))
  }
}
