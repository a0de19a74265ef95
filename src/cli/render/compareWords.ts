import type { ComparedCheck, CompareReport, FlowChange, FlowReport } from '../../model/report.ts'
import { countOf, dialledOf, mappedInShort, phasesOf, portOf, timeOf } from './flowWords.ts'
import { sharedTargets } from './sharedTargets.ts'
import type { Look } from './standing.ts'
import { lookOf, looks, worstFirst } from './standing.ts'

export type Change = FlowChange['change']

/** Changes in the order in which they are told: what needs a person first. */
export const changeOrder: readonly Change[] = ['broke', 'mended', 'changed', 'appeared', 'disappeared']

/** How each kind of change is headed, what it means, and how it looks: as good, as bad, or as worth a look. */
export const changeWords: Readonly<
  Record<Change, { readonly title: string; readonly means: string; readonly look: Look }>
> = {
  broke: { title: 'Broke', means: 'worked, or hurt less, and does not any more', look: 'blocked' },
  mended: { title: 'Mended', means: 'works better than it did', look: 'open' },
  changed: { title: 'Changed', means: 'another cause, address, certificate or time', look: 'degraded' },
  appeared: { title: 'Appeared', means: 'only in the later report', look: 'unknown' },
  disappeared: { title: 'Gone', means: 'only in the earlier report', look: 'not-required' },
}

/** `hq from connect01 at 2026-11-21 09:03:12 UTC` */
export function originWords({ site, from, startedAt, names }: ComparedCheck): string {
  return `${site} from ${from} at ${timeOf(startedAt)}${mappedInShort(names)}`
}

/** What keeps two reports from being a plain before and after. */
export function compareNotes({ before, after }: CompareReport): readonly string[] {
  return [
    ...(before.site === after.site
      ? []
      : ['the reports are of two sites: only flows with the same row and target are paired']),
    ...(before.from === after.from
      ? []
      : ['the reports were taken from two hosts: a difference may be one of place, not of time']),
    ...(isSameMapping(before.names, after.names)
      ? []
      : ['the names were mapped otherwise: a difference may be one of what answered, not of time']),
    ...(before.startedAt <= after.startedAt ? [] : ['the report given as before is the later one']),
  ]
}

function isSameMapping(one: ComparedCheck['names'], other: ComparedCheck['names']): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => one[name] === other[name])
}

/** `2 broke, 1 mended; 8 flows as before, 3 of them not well; 4 not asked this time: …` */
export function compareSummary({ summary, stillFailing, notAsked = [] }: CompareReport): string {
  const told = changeOrder.flatMap((change) => (summary[change] === 0 ? [] : [`${summary[change]} ${change}`]))
  const failing = stillFailing.length === 0 ? '' : `, ${stillFailing.length} of them not well`
  return [
    told.join(', ') || 'nothing changed',
    `${countOf(summary.same, 'flow')} as before${failing}`,
    ...(notAsked.length === 0 ? [] : [`${notAsked.length} not asked this time: ${whyNotAsked}`]),
  ].join('; ')
}

/** What keeps flows of the earlier report out of a later check, though its site needs them as before. */
export const whyNotAsked = 'left out by --flow, --from or a TARGET'

/** What fails as it did before, the worst first, a place once: that nothing changed does not make it well. */
export function stillFailingWords({ stillFailing }: CompareReport): readonly string[] {
  return sharedTargets(worstFirst(stillFailing)).map(([flow]) => {
    const cause = flow.cause === undefined ? '' : `: ${flow.cause}`
    return `${looks[lookOf(flow)].label} ${portOf(flow.target)} ${dialledOf(flow.target)}${cause}`
  })
}

/** `, and 12 more with it` */
export function andMore(others: readonly FlowChange[]): string {
  return others.length === 0 ? '' : `, and ${others.length} more with it`
}

/** A change that is told with another one: its place and flow, and what is different where that is not the same. */
export function withIt(
  first: FlowChange,
  { after, before, differences }: FlowChange,
): { readonly place: string; readonly flow: string; readonly differences: readonly string[] } {
  const flow = after ?? before
  return {
    place: flow === undefined ? '' : `${portOf(flow.target)} ${dialledOf(flow.target)}`,
    flow: flow === undefined ? '' : `${flow.flow} (${flow.necessity})`,
    differences: differences.filter((difference) => !first.differences.includes(difference)),
  }
}

/** Whether a change is told with what is said of the flow and its fix: something that does not work now. */
export function isTrouble({ change, after }: FlowChange): boolean {
  return change === 'broke' || (change === 'appeared' && after?.cause !== undefined)
}

/** Whether nothing but durations changed: a machine under load tells that of every flow. */
export function isTimeOnly({ change, differences }: FlowChange): boolean {
  return change === 'changed' && differences.every((text) => /^[a-z ]+ \d+ ms -> \d+ ms$/i.test(text))
}

/** `29 flows took another time and are otherwise as before: 27 slower, 2 quicker` */
export function timeOnlyWords(changes: readonly FlowChange[]): string {
  const slower = changes.filter(({ before, after }) => totalMs(after) > totalMs(before)).length
  const told = [
    ...(slower === 0 ? [] : [`${slower} slower`]),
    ...(slower === changes.length ? [] : [`${changes.length - slower} quicker`]),
  ]
  return `${countOf(changes.length, 'flow')} took another time and are otherwise as before: ${told.join(', ')}`
}

function totalMs(flow: FlowReport | undefined): number {
  return flow === undefined ? 0 : phasesOf(flow.timing).reduce((sum, { ms }) => sum + ms, 0)
}

function isFirstSeenFailing({ before, after }: FlowChange): boolean {
  return before?.verdict === 'not-run' && after?.cause !== undefined
}

/** The one thing to do now after a comparison. */
export function nextStepAfter({ changes, stillFailing }: CompareReport): string {
  // What was not asked before has not broken, and is in the way now all the same.
  const broken = (changes.find(({ change }) => change === 'broke') ?? changes.find(isFirstSeenFailing))?.after
  if (broken === undefined) {
    const [worst] = worstFirst(stillFailing)
    return worst === undefined
      ? 'nothing broke: keep the later report to compare with'
      : `nothing broke, and what failed before still does: postern explain ${worst.cause ?? 'undetermined'} tells more`
  }
  const more = broken.cause === undefined ? 'mend what broke' : `postern explain ${broken.cause} tells more`
  return `${more}; once mended, run the same comparison again`
}
