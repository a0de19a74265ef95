import type { Flow } from '../../model/flow.ts'
import type { Measure } from '../../model/series.ts'
import type { TimeLine, ZoneClock } from '../../series/index.ts'
import { periodsOf, timeLineOf } from '../../series/index.ts'
import type { HistoryStore } from '../../store/history/historyStore.ts'
import type { ConfirmedNews } from '../news.ts'
import { NewsQueue } from '../newsQueue.ts'
import type { Seen } from '../record/index.ts'
import { BudgetMinutes } from './budget.ts'
import { Evidence } from './evidence.ts'
import type { Expiring } from './expiring.ts'
import { percent } from './found.ts'
import type { JudgedSubject } from './judgedSubject.ts'
import { judgedFlow } from './judgedSubject.ts'
import { levelIsOver, levelMeasures, risenBy, risenLevel } from './levels.ts'
import { isLossyNoMore, lossyFlow, mayBeLossy } from './losses.ts'
import { Memory } from './memory.ts'
import { badNodeOf } from './nodes.ts'
import { Searches } from './searches.ts'
import type { Searched } from './spikes.ts'
import { isSamePeriod, periodicSpikes, spanOfSpike, spikeIsOver, spikiness } from './spikes.ts'
import type { ConnectionLimit } from './trends.ts'
import { fewestOfDay, nearingTimeout, saturatedPlace } from './trends.ts'

/** What is judged. */
export interface Judged {
  readonly flows: readonly Flow[]
  /** What has a time line besides flows, such as sign-ins. */
  readonly others?: readonly JudgedSubject[]
  /** What the site names and that ends one day. */
  readonly expiring?: readonly Expiring[]
  readonly timeoutMs: number
  readonly confirmations: number
  /** Share of minutes that are to be good. */
  readonly objective: number
  /** By whose clock phases are told. */
  readonly clock: ZoneClock
}

export interface JudgeParts {
  readonly store: Pick<
    HistoryStore,
    'samples' | 'latest' | 'readings' | 'quantiles' | 'tallies' | 'word' | 'keepWord' | 'openIncidents'
  >
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number
  /** By which the processor's time of a beat is bounded; milliseconds. */
  readonly monotonicMs: () => number
  /** Resolves when the news would outlive this process. */
  readonly onNews: (news: readonly ConfirmedNews[]) => Promise<void>
  readonly onTrouble: (why: string) => void
  readonly settings?: Partial<JudgeSettings>
}

/** How much is judged, and how often. */
export interface JudgeSettings {
  /** In which each subject has its turn, milliseconds. */
  readonly roundMs: number
  /** Subjects whose turn may come in one beat, and milliseconds after which the rest waits for the next beat. */
  readonly subjectsPerBeat: number
  readonly beatBudgetMs: number
  /** Costly searches in one minute. */
  readonly searchesPerMinute: number
}

export const judgeDefaults: JudgeSettings = Object.freeze({
  roundMs: 30 * 60_000,
  subjectsPerBeat: 12,
  beatBudgetMs: 40,
  searchesPerMinute: 60,
})

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const stateWord = 'judgement.state'
/** How often the state is written where nothing was said. */
const keepEveryMs = 10 * minuteMs
const levelDays = 8
const periodDays = 7
/** Readings of one series that are read at once: a week of looks every ten seconds. */
const mostReadings = 65_536
const lossHours = 24
const nodeHours = 6
/** Flows of one place that are read for the sake of its addresses. */
const mostFlowsOfPlace = 8
/** A budget reaches back for three days of looks, each with its repetitions. */
const mostSamples = 20_000
/** Searches of those that a pattern is held against: as many of each kind. */
const relativesOfKind = 6
/** What was searched longer ago says nothing of who shares a phase now. */
const searchedMs = 12 * hourMs
/** The score of a search that others wait for. */
const wanted = 1e6

/**
 * Judges what is in the history beside whoever looks, a slice each beat: each subject in its turn is asked a few cheap
 * questions, and what stands out is searched, worst first. What is found is said once; what was said is kept, so that a
 * restart says nothing twice. It has no clock, timer or file of its own.
 */
export class Judge {
  readonly #parts: JudgeParts
  readonly #settings: JudgeSettings
  readonly #memory: Memory
  readonly #news: NewsQueue
  readonly #searches = new Searches({ level: hourMs / 2, period: 6 * hourMs, node: hourMs / 4, place: hourMs })
  readonly #searched = new Map<string, Searched>()
  readonly #budgets = new Map<string, BudgetMinutes>()
  /** Flows that failed and whose minutes are to be read, by when. */
  readonly #toOpen = new Map<string, number>()
  readonly #trendAt = new Map<string, number>()
  readonly #limits = new Map<string, ConnectionLimit>()
  /** Searches that a found period waits for. */
  #relatives = new Set<string>()
  #hasPeriods = false
  readonly #evidence: Evidence
  #judged: Judged
  #subjects: ReadonlyMap<string, JudgedSubject> = new Map()
  #places: ReadonlyMap<string, readonly JudgedSubject[]> = new Map()
  #order: readonly JudgedSubject[] = []
  #next = 0
  #owed = 0
  #beatAt: number | undefined
  #minute = -1
  #searchesLeft = 0
  #keptAt = 0
  #unkept = 0

  constructor(judged: Judged, parts: JudgeParts) {
    this.#judged = judged
    this.#parts = parts
    this.#settings = { ...judgeDefaults, ...parts.settings }
    this.#news = new NewsQueue(async (news) => {
      await parts.onNews(news)
      this.#unkept -= news.length
    }, parts.onTrouble)
    this.#memory = new Memory(parts.store.word(stateWord), (news) => {
      this.#unkept += news.length
      this.#news.push(news)
    })
    for (const { consequences } of parts.store.openIncidents()) {
      for (const { subject, since, until, finding, cause, weighed } of consequences) {
        if (until === undefined && weighed?.of === 'time')
          this.#memory.restore({ subject, since, code: finding ?? cause })
      }
    }
    this.#evidence = new Evidence(this.#memory, judged.expiring ?? [], parts.store.latest(), parts.now())
    this.#take(judged)
    for (const { code, subject } of this.#memory.told.values()) if (code === 'burn-rate') this.#toOpen.set(subject, 0)
  }

  /** What waits to be searched, and what was said and is not over: for metrics. */
  get counts(): { readonly subjects: number; readonly waiting: number; readonly told: number } {
    return { subjects: this.#order.length, waiting: this.#searches.waiting, told: this.#memory.told.size }
  }

  /** Takes what was looked at, as it comes. */
  seen(seen: readonly Seen[]): void {
    for (const one of seen) {
      const { sample } = one
      const flow = this.#subjects.get(sample.key)
      if (flow === undefined) continue
      this.#evidence.seen(one, flow)
      const budget = this.#budgets.get(sample.key)
      if (budget !== undefined) budget.look(sample, this.#judged.confirmations)
      // What was seen is in the history some seconds later.
      else if (!sample.isWell && !this.#toOpen.has(sample.key)) this.#toOpen.set(sample.key, sample.at + minuteMs / 2)
    }
  }

  /** Where flows were dialled, as counts of connections name them: `target:10.1.0.5:636`. */
  get targets(): ReadonlySet<string> {
    return new Set([...this.#evidence.dialled.values()].map((dialled) => `target:${dialled}`))
  }

  /** How many connections there can be to a place whose counts are in the history: `target:10.1.0.5:636`. */
  limited(places: readonly string[], limit: ConnectionLimit | undefined): void {
    const now = this.#parts.now()
    for (const place of places) {
      if (limit === undefined) this.#limits.delete(place)
      else this.#limits.set(place, limit)
      this.#searches.add({ kind: 'place', key: place, score: 1, run: () => this.#searchPlace(place) }, now)
    }
  }

  /** Another site file: what stays is judged on, what went is over. */
  reload(judged: Judged): void {
    this.#judged = judged
    this.#evidence.named = judged.expiring ?? []
    this.#take(judged)
  }

  /** Judges the slice whose turn it is, and hands on what was found. */
  async beat(): Promise<void> {
    const { now, monotonicMs } = this.#parts
    const at = now()
    const until = monotonicMs() + this.#settings.beatBudgetMs
    const hasTime = (): boolean => monotonicMs() < until
    this.#eachMinute(at)
    this.#openBudgets(at, hasTime)
    this.#turns(at, hasTime)
    this.#search(at, hasTime)
    await this.#news.hand()
    this.#keep(at)
  }

  #take({ flows, others = [] }: Judged): void {
    const all = [...flows.map(judgedFlow), ...others]
    this.#subjects = new Map(all.map((one) => [one.subject, one]))
    this.#order = [...this.#subjects.values()]
    const places = new Map<string, JudgedSubject[]>()
    for (const one of this.#order)
      if (one.place !== undefined) places.set(one.place, [...(places.get(one.place) ?? []), one])
    this.#places = places
    const isKnown = (subject: string): boolean => this.#subjects.has(subject)
    this.#evidence.keepOnly(new Set(this.#subjects.keys()), new Set(places.keys()))
    for (const key of this.#budgets.keys()) if (!isKnown(key)) this.#budgets.delete(key)
    for (const [key, { subject }] of this.#searched) if (!isKnown(subject)) this.#searched.delete(key)
    this.#searches.keepOnly((key) => isKnown(key.split('\t')[0] ?? key) || places.has(key) || key.startsWith('target:'))
    const at = this.#parts.now()
    for (const { subject, code } of [...this.#memory.told.values()]) {
      const isFlow = subject.includes('|') || subject.startsWith('sign-in:')
      if (isFlow ? !isKnown(subject) : subject.startsWith('node:') && !places.has(subject.slice('node:'.length)))
        this.#memory.over(subject, code, at)
    }
  }

  #eachMinute(at: number): void {
    const minute = Math.floor(at / minuteMs)
    if (minute === this.#minute) return
    const isHour = Math.floor(at / hourMs) !== Math.floor((this.#minute * minuteMs) / hourMs)
    this.#minute = minute
    this.#searchesLeft = this.#settings.searchesPerMinute
    for (const [key, budget] of this.#budgets) this.#judgeBudget(key, budget, at)
    if (minute % 10 === 0 || isHour) this.#evidence.judgeEnds(at)
    if (!isHour) return
    this.#memory.forgetBefore(at - 2 * levelDays * dayMs)
  }

  #judgeBudget(key: string, budget: BudgetMinutes, at: number): void {
    const flow = this.#subjects.get(key)
    const bad = budget.badUntil(at)
    if (bad === 0 && budget.level === undefined) this.#budgets.delete(key)
    if (flow === undefined || (bad < 3 && budget.level === undefined)) return
    const { objective } = this.#judged
    const judged = budget.judge(at, objective)
    if (judged === undefined) return
    const { level, alert, since } = judged
    if (level === 'none') this.#memory.begin(`${key}\tburn`, budget.from)
    const { subject, title, necessity } = flow
    const says =
      alert === undefined
        ? 'bad minutes are no longer used up too quickly'
        : `${alert.bad} of ${alert.watched} minutes of the last ${alert.longMs / hourMs} h were bad: ${Number(alert.burn.toFixed(1))} times what ${percent(objective)} allows`
    this.#memory.tellBurn({ kind: 'burn-rate', subject, title, at, since, level, says, necessity })
  }

  #openBudgets(at: number, hasTime: () => boolean): void {
    for (const [key, readableAt] of this.#toOpen) {
      if (!hasTime()) return
      if (readableAt > at) continue
      this.#toOpen.delete(key)
      if (!this.#subjects.has(key)) continue
      const budget = new BudgetMinutes()
      budget.from = this.#memory.beginOf(`${key}\tburn`, 0)
      const span = { from: at - 3 * dayMs, to: at + 1 }
      for (const sample of this.#parts.store.samples(key, span, mostSamples)) {
        budget.look(sample, this.#judged.confirmations)
      }
      const told = this.#memory.toldOf(key, 'burn-rate')
      if (told !== undefined) budget.level = told.mark === 'ticket' ? 'ticket' : 'page'
      this.#budgets.set(key, budget)
    }
  }

  /** Each subject once in a round: a part of them a beat, and no more after a pause than in any other beat. */
  #turns(at: number, hasTime: () => boolean): void {
    const { roundMs, subjectsPerBeat } = this.#settings
    const passed = Math.max(0, at - (this.#beatAt ?? at))
    this.#beatAt = at
    this.#owed = Math.min(subjectsPerBeat, this.#owed + (this.#order.length * passed) / roundMs)
    while (this.#owed >= 1 && hasTime()) {
      this.#owed -= 1
      const subject = this.#order[this.#next % this.#order.length]
      this.#next = (this.#next + 1) % Math.max(1, this.#order.length)
      if (subject !== undefined) this.#turn(subject, at)
    }
  }

  #turn(subject: JudgedSubject, at: number): void {
    this.#judgeLoss(subject, at)
    this.#judgeTold(subject, at)
    const to = Math.floor(at / hourMs) * hourMs
    for (const measure of subject.measures) {
      const hours = this.#parts.store.quantiles(
        subject.subject,
        measure,
        { from: to - 26 * hourMs, to },
        hourMs,
        [0.5, 1],
      )
      if (hours.length === 0) continue
      const series = seriesOf(subject, measure)
      const risen = risenBy(hours.map(({ values: [usual = 0] }) => usual))
      if (risen > 0) this.#add('level', series, risen, () => this.#searchLevel(subject, measure))
      const score = spikiness(hours.map(({ values: [usual = 0, most = 0] }) => ({ usual, most })))
      if (score > 0) this.#add('period', series, score, () => this.#searchPeriod(subject, measure))
    }
    const { place } = subject
    if (place !== undefined && this.#evidence.addressesOf(place, at) > 1)
      this.#add('node', place, 100, () => this.#searchNode(place))
    if (at - (this.#trendAt.get(subject.subject) ?? 0) < dayMs) return
    this.#trendAt.set(subject.subject, at)
    this.#judgeTrend(subject, at)
  }

  #add(kind: 'level' | 'period' | 'node' | 'place', key: string, score: number, run: () => void): boolean {
    return this.#searches.add({ kind, key, score, run }, this.#parts.now())
  }

  #judgeLoss(subject: JudgedSubject, at: number): void {
    const { store } = this.#parts
    const key = subject.subject
    const begins = `${key}\tloss`
    const told = this.#memory.toldOf(key, 'lossy-path')
    if (told !== undefined) {
      const lately = store.samples(key, { from: at - 6 * hourMs, to: at + 1 }, mostSamples)
      if (!isLossyNoMore(lately)) return
      this.#memory.begin(begins, at)
      this.#memory.over(key, 'lossy-path', at)
      return
    }
    const span = { from: this.#memory.beginOf(begins, at - lossHours * hourMs), to: at + 1 }
    if (span.from >= span.to) return
    const [tally] = store.tallies(key, span, span.to - span.from)
    if (tally === undefined || !mayBeLossy(tally.looks, tally.notWell)) return
    const found = lossyFlow(store.samples(key, span, mostSamples), subject)
    if (found !== undefined) this.#memory.tell(found, at)
  }

  /** Whether what was told of a subject is over. */
  #judgeTold(subject: JudgedSubject, at: number): void {
    const { store } = this.#parts
    const key = subject.subject
    const level = this.#memory.toldOf(key, 'level-shift')
    if (level !== undefined) {
      const measure = levelMeasures[level.detail['measure'] ?? 0] ?? 'connect-ms'
      const to = Math.floor(at / hourMs) * hourMs
      const medians = store.quantiles(key, measure, { from: to - 3 * hourMs, to }, hourMs, [0.5])
      if (
        levelIsOver(
          level,
          medians.map(({ values: [median = 0] }) => median),
          at,
        )
      ) {
        // Where it went back, what is usual begins anew; where it stayed, it began with the shift.
        const begin = at - (level.detail['at'] ?? 0) < 7 * dayMs ? to - 2 * hourMs : (level.detail['at'] ?? at)
        for (const one of subject.measures) this.#memory.begin(`${seriesOf(subject, one)}\tlevel`, begin)
        this.#memory.over(key, 'level-shift', at)
      }
    }
    const spike = this.#memory.toldOf(key, 'periodic-spike')
    if (spike === undefined) return
    const measure = levelMeasures[spike.detail['measure'] ?? 0] ?? 'connect-ms'
    const line = this.#lineOf(subject, measure, at - spanOfSpike(spike), at)
    if (spikeIsOver(spike, line, at)) this.#spikeOver(subject, at)
  }

  #spikeOver(subject: JudgedSubject, at: number): void {
    for (const one of subject.measures) {
      this.#memory.begin(`${seriesOf(subject, one)}\tperiod`, at)
      this.#searched.delete(seriesOf(subject, one))
    }
    this.#memory.over(subject.subject, 'periodic-spike', at)
  }

  #judgeTrend(subject: JudgedSubject, at: number): void {
    const to = Math.floor(at / dayMs) * dayMs
    const { timeoutMs } = this.#judged
    const found = subject.measures.flatMap((measure) => {
      const days = this.#parts.store.quantiles(subject.subject, measure, { from: to - 28 * dayMs, to }, dayMs, [0.99])
      const line = timeLineOf(
        days
          .filter(({ count }) => count >= fewestOfDay)
          .map(({ at: day, values: [value = Number.NaN] }) => ({ at: day, value })),
      )
      return nearingTimeout(line, subject, measure, timeoutMs) ?? []
    })
    const [first] = found
    if (first !== undefined) this.#memory.tell(first, at)
    else this.#memory.over(subject.subject, 'timeout-nears', at)
  }

  #search(at: number, hasTime: () => boolean): void {
    if (this.#searchesLeft > 0 && hasTime()) {
      const search = this.#searches.take(at)
      if (search !== undefined) {
        this.#searchesLeft -= 1
        this.#relatives.delete(search.key)
        search.run()
      }
    }
    if (this.#hasPeriods && this.#relatives.size === 0) this.#tellPeriods(at)
  }

  #searchLevel(subject: JudgedSubject, measure: Measure): void {
    const at = this.#parts.now()
    const begins = `${seriesOf(subject, measure)}\tlevel`
    const line = this.#lineOf(subject, measure, this.#memory.beginOf(begins, at - levelDays * dayMs), at)
    const risen = risenLevel(line, subject, measure)
    if (risen === undefined) return
    this.#memory.begin(begins, risen.at)
    const { found } = risen
    const told = this.#memory.toldOf(subject.subject, 'level-shift')
    // What shifts in one phase of a flow shows in those behind it: one of them says it.
    if (found === undefined || (told !== undefined && Math.abs((told.detail['at'] ?? 0) - risen.at) < hourMs)) return
    this.#memory.tell(found, at)
  }

  #searchPeriod(subject: JudgedSubject, measure: Measure): void {
    const at = this.#parts.now()
    const series = seriesOf(subject, measure)
    const line = this.#lineOf(subject, measure, this.#memory.beginOf(`${series}\tperiod`, at - periodDays * dayMs), at)
    const periods = periodsOf(line, this.#judged.clock)
    this.#searched.set(series, { subject: subject.subject, measure, periods, at })
    const told = this.#memory.toldOf(subject.subject, 'periodic-spike')
    if (told !== undefined && told.detail['isWave'] === 1 && periods.length === 0) this.#spikeOver(subject, at)
    if (periods.length === 0) return
    this.#hasPeriods = true
    if (told === undefined || !periods.some(({ periodMs }) => isSamePeriod(told, periodMs)))
      this.#wantRelatives(subject, measure)
  }

  /** Those that a pattern is held against are searched before anybody is told whose doing it is. */
  #wantRelatives(subject: JudgedSubject, measure: Measure): void {
    const { facts } = subject
    const alike: readonly ((other: JudgedSubject) => boolean)[] = [
      (other) => other.facts.destination === facts.destination,
      (other) => other.facts.proxy !== undefined && other.facts.proxy === facts.proxy,
      (other) => other.facts.proxy === undefined && other.facts.destination !== facts.destination,
      (other) => other.facts.isController && other.facts.destination !== facts.destination,
      (other) => other.facts.isCloud,
      (other) => !other.facts.isCloud && other.facts.destination !== facts.destination,
    ]
    const others = new Set(alike.flatMap((isAlike) => firstOf(this.#order, relativesOfKind, isAlike)))
    others.delete(subject)
    const series: readonly (readonly [JudgedSubject, Measure])[] = [
      ...subject.measures.map((one) => [subject, one] as const),
      ...[...others].map((other) => [other, measure] as const),
    ]
    for (const [one, other] of series) {
      const key = seriesOf(one, other)
      if (this.#add('period', key, wanted, () => this.#searchPeriod(one, other))) this.#relatives.add(key)
    }
  }

  #tellPeriods(at: number): void {
    this.#hasPeriods = false
    for (const [key, one] of this.#searched) if (at - one.at > searchedMs) this.#searched.delete(key)
    for (const found of periodicSpikes([...this.#searched.values()], this.#subjects)) {
      const told = this.#memory.toldOf(found.subject, 'periodic-spike')
      const isSame = told !== undefined && isSamePeriod(told, found.detail?.['periodMs'] ?? 0)
      this.#memory.tell(isSame ? { ...found, mark: told.mark } : found, at)
    }
  }

  #searchNode(place: string): void {
    const at = this.#parts.now()
    const span = { from: at - nodeHours * hourMs, to: at + 1 }
    const flows = (this.#places.get(place) ?? []).slice(0, mostFlowsOfPlace)
    const samples = flows.flatMap(({ subject }) => this.#parts.store.samples(subject, span, mostSamples))
    const isCloud = flows.some(({ facts }) => facts.isCloud)
    const found = badNodeOf(place, samples, isCloud)
    if (found !== undefined) this.#memory.tell(found, at)
    else this.#memory.over(`node:${place}`, 'one-bad-node', at)
  }

  #searchPlace(place: string): void {
    const at = this.#parts.now()
    const span = { from: at - periodDays * dayMs, to: at + 1 }
    const { store } = this.#parts
    const counts = timeLineOf(store.readings(place, 'connections-count', span, mostReadings))
    if (counts.times.length === 0) return
    const [flow] = [...this.#evidence.dialled].find(([, dialled]) => `target:${dialled}` === place) ?? []
    const handshakes = timeLineOf(flow === undefined ? [] : store.readings(flow, 'connect-ms', span, mostReadings))
    const found = saturatedPlace(place, counts, handshakes, this.#limits.get(place))
    if (found !== undefined) this.#memory.tell(found, at)
    else this.#memory.over(place, 'saturation', at)
  }

  #lineOf({ subject }: JudgedSubject, measure: Measure, from: number, at: number): TimeLine {
    return timeLineOf(
      from >= at
        ? []
        : this.#parts.store.readings(subject, measure, { from: Math.max(0, from), to: at + 1 }, mostReadings),
    )
  }

  /** Keeps what was said once it is with the incidents: what was not would be said again. */
  #keep(at: number): void {
    if (this.#unkept > 0) return
    if (!this.#memory.isDirty && at - this.#keptAt < keepEveryMs && at >= this.#keptAt) return
    this.#memory.isDirty = false
    this.#keptAt = at
    this.#parts.store.keepWord(stateWord, this.#memory.text()).catch(() => {
      this.#memory.isDirty = true
    })
  }
}

function seriesOf({ subject }: Pick<JudgedSubject, 'subject'>, measure: Measure): string {
  return `${subject}\t${measure}`
}

function firstOf<T>(all: readonly T[], most: number, isWanted: (one: T) => boolean): readonly T[] {
  const found: T[] = []
  for (const one of all) {
    if (found.length === most) break
    if (isWanted(one)) found.push(one)
  }
  return found
}
