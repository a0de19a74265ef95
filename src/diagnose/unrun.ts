import { standsInFor } from '../model/flow.ts'
import type { ToolLimit } from '../model/observation.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Unfinished } from './attempts.ts'
import { unaskedName } from './host.ts'
import type { Seen } from './seen.ts'
import { placeOf } from './wording.ts'

/** Rows that nobody needs for a running site; when they were not asked there is nothing to say of them. */
const unneeded: Readonly<Partial<Record<Seen['flow']['necessity'], string>>> = Object.freeze({
  legacy: 'only old builds use it',
  'local-only': 'it never leaves the machine that it runs on',
  'not-required': 'no product needs it',
})

type Unrun = Pick<Verdict, 'verdict' | 'says' | 'decidedBy'>

const notRun = (says: string, decidedBy: readonly string[] = []): Unrun => ({ verdict: 'not-run', says, decidedBy })

/**
 * Why a flow carries no judgement: it was not asked, or could not be.
 *
 * @returns undefined when something was seen that can be judged
 */
export function unrun(seen: Seen): Unrun | undefined {
  const { flow, stop, unfinished, limits, furthest } = seen
  if (stop === undefined && furthest === 'nothing') {
    const why = flow.expect === 'open' ? unneeded[flow.necessity] : undefined
    if (why !== undefined) return notRequired(why)
    if (flow.target.undialled !== undefined) return notRun(flow.target.undialled)
    const limit = limits.find(isOfTime)
    if (limit !== undefined) return notRun(limit.detail, [limit.id])
    if (unfinished?.by === 'check') return notRun(unfinished.says, unfinished.decidedBy)
    const main = standsInFor(flow)
    if (main !== undefined && limits.length === 0) return notRequired(`${main} works, for which it stands in`)
    // A limit of this machine is a cause of its own, which the rules name.
    return limits.length > 0 ? undefined : notRun(`${placeOf(flow)} was not asked`)
  }
  if (lacksFamily(seen)) {
    return notRun(
      `this machine has no IPv6 that leads to ${seen.address}: it cannot be dialled from here`,
      stop?.failed.map(({ id }) => id),
    )
  }
  if (stop !== undefined || seen.wavering !== undefined || unfinished !== undefined) return undefined
  if (furthest === 'proxy') return notRun(`the proxy ${flow.via} was reached, and not asked for ${placeOf(flow)}`)
  if (furthest !== 'name' || unaskedName(seen).length > 0) return undefined
  const [limit] = limits
  return notRun(
    limit?.detail ?? `${flow.target.name ?? placeOf(flow)} resolves, and was not dialled`,
    limit && [limit.id],
  )
}

/** The check ended in the middle of a conversation in which nothing had failed and nothing was wrong. */
export function cutShort({ says, decidedBy }: Unfinished): Unrun {
  return notRun(`${says}; until then nothing failed`, decidedBy)
}

function notRequired(why: string): Unrun {
  return { verdict: 'not-required', says: `not asked: ${why}`, decidedBy: [] }
}

/** Not a word about the path: no probe, no time, no family. */
function isOfTime({ limit }: ToolLimit): boolean {
  return (
    limit === 'no-probe-yet' || limit === 'no-ipv4' || limit === 'no-ipv6' || limit === 'budget' || limit === 'aborted'
  )
}

/** An IPv6 address that this machine cannot dial says nothing about the address. */
function lacksFamily({ stop, address, elsewhereAnswers, sameHostOpen, sameHostRefuses }: Seen): boolean {
  if (stop?.phase !== 'connect' || address === undefined || !address.includes(':')) return false
  if (sameHostOpen.length + sameHostRefuses.length > 0) return false
  if (elsewhereAnswers.some((one) => one.address.includes(':'))) return false
  return stop.failed.every(
    ({ outcome, code }) =>
      outcome === 'no-local-network' ||
      outcome === 'net-unreachable' ||
      code === 'EADDRNOTAVAIL' ||
      code === 'EAFNOSUPPORT',
  )
}
