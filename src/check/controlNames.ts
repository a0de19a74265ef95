import { hostPort } from '../diagnose/wording.ts'
import type { NameLookup, Observation } from '../model/observation.ts'
import type { LookupQuestion } from '../net/net.ts'
import type { Keep } from '../probes/probe.ts'
import type { Means, Surroundings } from './controls.ts'
import type { ResolverAddress, Resolvers } from './resolveNames.ts'

/**
 * Asks what tells the causes of a failed resolution apart: the same question to the control resolvers, or to the site's
 * other resolvers where the name is its own, and to the silent resolver again and over TCP.
 */
export async function controlNames(
  failed: readonly NameLookup[],
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
  await Promise.all(
    [...types.values()].flatMap(({ name, type, rcode }) => {
      const [first, ...others] = resolvers.internal
      const outside = rcode === undefined || !isOwn(name) ? resolvers.control : []
      const inside = isOwn(name) ? others.filter(({ address, port }) => !asked.has(hostPort(address, port))) : []
      const controls = [
        ...outside.map((resolver) => toControl({ name, type }, resolver, isOwn)),
        ...inside.map((resolver) => ({ name, type, resolver, resolverRole: 'internal', transport: 'udp' }) as const),
      ].map((question) => ask(ledger.page(into, 'control', 'resolver'), question))
      if (first === undefined || rcode !== undefined) return controls
      const again = (['udp', 'tcp'] as const).map((transport) =>
        ask(transport === 'udp' ? ledger.page(into, 'repeat') : ledger.page(into, 'control', 'transport'), {
          name,
          type,
          resolver: first,
          resolverRole: 'internal',
          transport,
        }),
      )
      return [...controls, ...again]
    }),
  )
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
