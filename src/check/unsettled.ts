import type { Flow } from '../model/flow.ts'
import type { Observation } from '../model/observation.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Means } from './askControls.ts'
import type { CheckOptions } from './checkOptions.ts'
import { usualConcurrency } from './checkOptions.ts'
import type { Comparison } from './comparisonFor.ts'
import type { Comparisons } from './comparisons.ts'
import type { Item } from './items.ts'
import { measureSeries } from './measureSeries.ts'
import type { Compared } from './openCrowds.ts'
import { openCrowds } from './openCrowds.ts'
import type { Questions } from './questions.ts'
import type { SiteRecords } from './siteRecords.ts'
import type { Neighbourhood } from './surroundings.ts'
import { asOtherAddress, oncePerId } from './surroundings.ts'

/** An item with its first verdict. */
export interface First {
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

/** What more is seen with. */
export interface MoreTools {
  readonly means: Means
  readonly questions: Questions
  readonly comparisons: Comparisons
  readonly sites: SiteRecords
  readonly options: CheckOptions
  /** Hears at how many places series begin. */
  readonly onSeries: (count: number) => void
}

/** Whether the way to where a flow goes is measured besides. */
export function isMeasured({ expect }: Flow, { lossCount, ratePerSecond }: CheckOptions): boolean {
  return expect === 'open' && (lossCount !== undefined || ratePerSecond !== undefined)
}

/**
 * Everything that is seen of flows that their own question has not settled, each by itself: what it is compared with, then
 * limits of connections, then series.
 */
export function seeMore(
  unsettled: readonly First[],
  around: Neighbourhood,
  tools: MoreTools,
): readonly Promise<readonly Observation[]>[] {
  const { means, options } = tools
  const compared = unsettled.map((one) => compare(one, around, tools))
  const crowdAt = openCrowds(means, compared)
  const crowded = unsettled.map(async ({ item, wants }, at): Promise<Compared> => {
    const one = (await compared[at]) ?? { seen: [] }
    const crowd = wants === 'none' ? [] : await crowdAt(one)
    return { question: item.question, seen: [...one.seen, ...crowd] }
  })
  const seriesAt = measureSeries(means, options, options.concurrency ?? usualConcurrency, crowded, tools.onSeries)
  return unsettled.map(async ({ item }, at): Promise<readonly Observation[]> => {
    const one = (await crowded[at]) ?? { seen: [] }
    return isMeasured(item.flow, options) ? [...one.seen, ...(await seriesAt(one))] : one.seen
  })
}

async function compare(
  { item, asked, observations, wants }: First,
  around: Neighbourhood,
  { questions, comparisons, sites }: MoreTools,
): Promise<Compared> {
  const { question } = item
  const ofSites = await sites.at(question, asked)
  if (wants === 'none') return { seen: [...observations, ...ofSites] }
  const made = wants === 'context' ? [] : await comparisons.of(item, asked, around)
  const beside = await Promise.all(item.beside.map((other) => questions.ask(other)))
  const context = around.contextOf(item.flow, question)
  return {
    question,
    seen: oncePerId([...observations, ...ofSites, ...made, ...beside.flatMap(asOtherAddress), ...context]),
  }
}
