import type { FetchTools } from './fetchText.ts'
import { fetchText } from './fetchText.ts'
import type { Limits } from './net.ts'

/** What automatic detection finds in a domain. */
export type Wpad =
  /** There is no such name: whoever detects goes straight out. */
  | { readonly kind: 'none'; readonly name: string }
  | { readonly kind: 'script'; readonly url: string; readonly script: string }
  /** The name is there, or may be, and the script could not be had. */
  | { readonly kind: 'failed'; readonly url: string; readonly why: string }

/**
 * Looks for a proxy script by DNS as WPAD does: `http://wpad.<domain>/wpad.dat`, fetched straight. Domains above are not
 * tried: a name there may be anybody's, and would decide where all requests go. DHCP (option 252) is not asked.
 *
 * @param domain the domain that this machine, or its site, is in
 */
export async function findWpad(domain: string, tools: FetchTools, limits: Limits): Promise<Wpad> {
  const name = `wpad.${domain}`
  const url = `http://${name}/wpad.dat`
  const question = { name, type: 'A', resolver: 'system', resolverRole: 'system', transport: 'udp' } as const
  if (!Object.hasOwn(tools.names, name) && !Object.hasOwn(tools.names, `${name}:80`)) {
    const { outcome } = await tools.net.lookup(question, limits)
    if (outcome === 'name-error') return { kind: 'none', name }
  }
  const fetched = await fetchText(new URL(url), tools, limits)
  return fetched.kind === 'text'
    ? { kind: 'script', url, script: fetched.text }
    : { kind: 'failed', url, why: fetched.why }
}
