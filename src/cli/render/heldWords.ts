import type { FlowReport } from '../../model/report.ts'
import { countOf, dialledOf, portOf } from './flowWords.ts'
import { sharedTargets } from './sharedTargets.ts'

/** So many places that did not answer are named. */
const mostPlaces = 12

/**
 * What `--idle` showed, in one sentence: how many places answered the end of connections on which nothing was said for a
 * time, and which did not. Undefined where none was held.
 */
export function heldWords(flows: readonly FlowReport[]): string | undefined {
  const held = sharedTargets(flows.filter(({ learnt }) => typeof learnt['heldSec'] === 'number'))
  if (held.length === 0) return undefined
  const sec = Math.max(...held.map(([{ learnt }]) => Number(learnt['heldSec'])))
  const deaf = held.filter(([{ learnt }]) => learnt['heldHeard'] !== learnt['held'])
  const all = `held for ${sec} s without a word: ${countOf(held.length, 'place')}`
  if (deaf.length === 0)
    return `${all}, ${held.length === 1 ? 'which' : 'each of which'} answered the goodbye afterwards`
  const named = deaf
    .slice(0, mostPlaces)
    .map(
      ([{ target, learnt }]) => `${portOf(target)} ${dialledOf(target)} (${learnt['heldHeard']} of ${learnt['held']})`,
    )
  const more = deaf.length > mostPlaces ? ` and ${deaf.length - mostPlaces} more` : ''
  return `${all}; not every goodbye was answered by ${named.join(', ')}${more}`
}
