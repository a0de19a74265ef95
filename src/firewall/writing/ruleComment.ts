import type { Permit } from '../permit.ts'
import { plainText } from './plainText.ts'

/**
 * Why a rule is there and for which flows of the plan: `(pta-ad, t1-dns) name resolution`. The flows come first, since
 * they are what a person looks up; of what does not fit the reason is cut, then the list of flows.
 *
 * @param most characters of the vendor's comment field
 */
export function ruleComment(permits: readonly Permit[], most: number): string {
  const flows = [...new Set(permits.flatMap((permit) => permit.flows))].map((flow) => plainText(flow, 60))
  const setup = permits.every(({ phase }) => phase === 'setup') ? 'set-up only: ' : ''
  const why = setup + [...new Set(permits.map((permit) => permit.why))].map((text) => plainText(text, most)).join(' / ')
  const list = `(${shownFlows(flows, Math.max(16, Math.floor(most * 0.7)))})`
  return plainText(`${list} ${why}`, most)
}

function shownFlows(flows: readonly string[], most: number): string {
  const shown: string[] = []
  for (const [at, flow] of flows.entries()) {
    const more = flows.length - at
    if (shown.length > 0 && [...shown, flow].join(', ').length > most - 10)
      return `${shown.join(', ')} and ${more} more`
    shown.push(flow)
  }
  return shown.join(', ')
}

/** For who needs to know whether the rule may go: the whole of what {@link ruleComment} may have cut, on one line. */
export function wholeComment(permits: readonly Permit[]): string {
  return ruleComment(permits, 2000)
}
