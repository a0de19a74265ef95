import { canonicalAddress, parseHostPort } from '../model/cidr.ts'
import { servedPlace } from '../model/servedPlace.ts'
import type { Limits, Net } from './net.ts'

/**
 * Where a name is dialled that no flow of the plan stands behind: where the site file says it is served, else at the first
 * address that this machine's own resolution gives.
 *
 * @param names `names:` of the site file
 * @returns the place, or in words why there is none
 */
export async function placeOf(
  name: string,
  port: number,
  net: Pick<Net, 'lookup'>,
  names: Readonly<Record<string, string>>,
  limits: Limits,
): Promise<{ readonly address: string; readonly port: number } | { readonly why: string }> {
  const served = servedPlace(names, name, port)
  const mapped = served?.startsWith(':') ? { port: Number(served.slice(1)) } : parseHostPort(served ?? '')
  const dialled = mapped?.port ?? port
  const known = canonicalAddress(mapped !== undefined && 'host' in mapped ? mapped.host : name)
  if (known !== undefined) return { address: known, port: dialled }
  const question = { name, resolver: 'system', resolverRole: 'system', transport: 'udp' } as const
  const v4 = await net.lookup({ ...question, type: 'A' }, limits)
  const found = v4.answers.length > 0 ? v4 : await net.lookup({ ...question, type: 'AAAA' }, limits)
  const address = canonicalAddress(found.answers[0] ?? '')
  return address === undefined
    ? { why: `its name is not resolved (${endWords(v4.outcome)})` }
    : { address, port: dialled }
}

/** How a wait ended, in words; any other outcome is its own word. */
export function endWords(outcome: string): string {
  if (outcome === 'timeout' || outcome === 'aborted') return 'no answer in time'
  return outcome.replaceAll('-', ' ')
}
