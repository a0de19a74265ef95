import { hostPort } from '../model/hostPort.ts'
import type { NameLookup, Observation } from '../model/observation.ts'
import type { LookupQuestion } from '../net/net.ts'
import type { Keep } from '../probes/probe.ts'
import type { Means } from './askControls.ts'
import type { ResolverAddress, Resolvers } from './resolveNames.ts'
import type { Surroundings } from './surroundings.ts'

/** What is compared of a look-up that gave nothing, also while it still waits. */
export type FailedLookup = Pick<NameLookup, 'name' | 'type' | 'resolver' | 'resolverRole' | 'outcome' | 'rcode'>

/**
 * Asks what tells the causes of a failed resolution apart: the same question to the control resolvers, or to the site's
 * other resolvers where the name is its own, and to the silent resolver again and over TCP.
 */
export async function controlNames(
  failed: readonly FailedLookup[],
  resolvers: Resolvers,
  isOwn: Surroundings['isOwn'],
  { net, ledger, limits, slot }: Means,
): Promise<readonly Observation[]> {
  const into: Observation[] = []
  const ask = (keep: Keep, question: LookupQuestion): Promise<void> =>
    slot(keep, async () => {
      keep(await net.lookup(question, limits))
    })
  // Each type once: which of the two was answered first must not decide the verdict.
  const types = new Map(failed.map((lookup) => [lookup.type, lookup]))
  const asked = new Set(failed.map(({ resolver }) => resolver))
  const questions: Promise<void>[] = []
  const [one] = types.values()
  const way = one === undefined ? undefined : atNoResolver(one, resolvers, isOwn, { net, limits })
  if (way !== undefined) {
    const keep = ledger.page(into, 'control', 'resolver')
    questions.push(slot(keep, () => way(keep)))
  }
  await Promise.all([
    ...questions,
    ...[...types.values()].flatMap(({ name, type, rcode, outcome }) => {
      const [first, ...others] = resolvers.internal
      const outside = rcode === undefined || !isOwn(name) ? resolvers.control : []
      const inside = isOwn(name) ? others.filter(({ address, port }) => !asked.has(hostPort(address, port))) : []
      const controls = [
        ...outside.map((resolver) => toControl({ name, type }, resolver, isOwn)),
        ...inside.map((resolver) => ({ name, type, resolver, resolverRole: 'internal', transport: 'udp' }) as const),
      ].map((question) => ask(ledger.page(into, 'control', 'resolver'), question))
      if (first === undefined) return controls
      if (rcode !== undefined) {
        // Who forges answers is quicker than who gives them, and the right one comes as well.
        if (resolvers.nowhere === undefined) return controls
        const asIs = { name, type, resolver: first, resolverRole: 'internal', transport: 'udp', hearOut: true } as const
        const keep = ledger.page(into, 'repeat')
        const heard = slot(keep, async () => {
          keep(await net.lookup(asIs, { ...limits, timeoutMs: Math.min(limits.timeoutMs, forgersWaitMs) }))
        })
        return [...controls, heard]
      }
      // Silence may be an answer that came from elsewhere, which a client's socket does not hear.
      const hearsOut = outcome === 'timeout' && resolvers.nowhere !== undefined
      const again = (['udp', 'tcp'] as const).map((transport) =>
        ask(transport === 'udp' ? ledger.page(into, 'repeat') : ledger.page(into, 'control', 'transport'), {
          name,
          type,
          resolver: first,
          resolverRole: 'internal',
          transport,
          ...(transport === 'udp' && hearsOut && { hearOut: true }),
        }),
      )
      return [...controls, ...again]
    }),
  ])
  return into
}

/** What a resolver outside is asked: of the site's own names it is to prove only that it can be reached. */
export function toControl(
  asked: Pick<LookupQuestion, 'name' | 'type'>,
  resolver: ResolverAddress,
  isOwn: Surroundings['isOwn'],
): LookupQuestion {
  const { name, type } = isOwn(asked.name) ? ({ name: '.', type: 'NS' } as const) : asked
  return { name, type, resolver, resolverRole: 'control', transport: 'udp' }
}

/** A forged answer comes from nearby; silence, which is what is right there, is not waited for any longer. In milliseconds. */
const forgersWaitMs = 1000

/**
 * Asks where no resolver is: what answers there answers for everybody on the way. Where something does, a resolver
 * outside is asked over TCP, which is harder to forge. Names of the site's own are not told to whoever listens.
 *
 * @returns undefined where it is not to be asked
 */
export function atNoResolver(
  { name, type }: Pick<LookupQuestion, 'name' | 'type'>,
  { nowhere, control }: Resolvers,
  isOwn: Surroundings['isOwn'],
  { net, limits }: Pick<Means, 'net' | 'limits'>,
): ((keep: Keep) => Promise<void>) | undefined {
  if (nowhere === undefined || isOwn(name)) return undefined
  return async (keep) => {
    const within = { ...limits, timeoutMs: Math.min(limits.timeoutMs, forgersWaitMs) }
    const asked = { name, type, resolver: nowhere, resolverRole: 'none', transport: 'udp' } as const
    const seen = await net.lookup(asked, within)
    keep(seen)
    const [outside] = control
    if (seen.rcode === undefined || outside === undefined) return
    keep(await net.lookup({ name, type, resolver: outside, resolverRole: 'control', transport: 'tcp' }, limits))
  }
}
