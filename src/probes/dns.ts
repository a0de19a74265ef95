import type { NameLookup } from '../model/observation.ts'
import type { Limits, LookupQuestion, Net } from '../net/net.ts'
import type { Keep, Observe, Question } from './probe.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const { address, port, transport } = question
  const asked = { ...zoneAsked(question), resolver: { address, port }, resolverRole: 'target' } as const
  const seen = await net.lookup({ ...asked, transport }, limits)
  keep(seen)
  if (seen.outcome === 'answer' && question.serviceRecords !== undefined) {
    const at = { ...asked, transport } as const
    await observeServiceRecords(question.serviceRecords, at, net, keep, limits)
  }
  // What did not fit into a datagram is to be had over TCP (RFC 7766 §5): a server without it answers in part only.
  if (transport === 'udp' && seen.truncated === true) {
    keep(await net.lookup({ ...asked, transport: 'tcp' }, limits), { role: 'control', varies: 'transport' })
  }
}

/** What a name server is asked first: who answers for the domain, or for the root. */
export function zoneAsked({ domain, name }: Question): Pick<LookupQuestion, 'name' | 'type'> {
  const zone = domain ?? name
  return zone === undefined ? { name: '.', type: 'NS' } : { name: zone, type: 'SOA' }
}

/** Domains have some dozens of controllers; one without an address shows among the first as among the last. */
const mostTargets = 16

/**
 * Asks for each set of service records, over TCP as well where it did not fit into a datagram, and for the addresses of
 * the hosts that they name: a record whose host has none leads its clients nowhere (RFC 2782).
 *
 * @param known hosts that were asked for already, in lower case without the dot at the end
 */
export async function observeServiceRecords(
  names: readonly string[],
  at: Omit<LookupQuestion, 'name' | 'type'>,
  net: Net,
  keep: Keep,
  limits: Limits,
  known: Iterable<string> = [],
): Promise<void> {
  const sets = await Promise.all(
    names.map(async (name) => {
      const seen = await net.lookup({ ...at, name, type: 'SRV' }, limits)
      keep(seen)
      if (seen.truncated !== true || at.transport === 'tcp') return seen.answers
      const whole = await net.lookup({ ...at, name, type: 'SRV', transport: 'tcp' }, limits)
      keep(whole, { role: 'control', varies: 'transport' })
      return whole.outcome === 'answer' ? whole.answers : seen.answers
    }),
  )
  const targets = new Set(sets.flat().map(targetOf))
  for (const host of ['', ...known]) targets.delete(host)
  await Promise.all(
    [...targets].slice(0, mostTargets).map(async (name) => {
      const ask = async (type: NameLookup['type']): Promise<NameLookup['outcome']> => {
        const seen = await net.lookup({ ...at, name, type }, limits)
        keep(seen)
        return seen.outcome
      }
      if ((await ask('A')) === 'no-data') await ask('AAAA')
    }),
  )
}

/** The host of `priority weight port target`; empty for the root, which says that there is no such service. */
function targetOf(record: string): string {
  const target = record.split(' ')[3] ?? ''
  return target.toLowerCase().replace(/\.$/, '')
}
