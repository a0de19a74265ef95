import type { Route } from '../model/route.ts'

/** Whose request it is: of whoever signed in that person or app, of all others the network of the address. */
export type SharedBy = { readonly tenantId: string; readonly objectId: string } | { readonly network: string }

/**
 * The backend that a route leads to for a caller; undefined where it leads to none that there is.
 *
 * Of several with shares each caller gets one, and always the same: the highest of the scores that caller and backend have
 * together, stretched by the share (weighted rendezvous hashing). Who changes a share moves callers to or from that backend
 * alone, and the order of the shares does not matter.
 *
 * @param known names of the backends that there are
 */
export function chosenBackend(
  { to, shares }: Pick<Route, 'to' | 'shares'>,
  known: readonly string[],
  by: SharedBy,
): string | undefined {
  if (shares === undefined) {
    if (to === undefined) return known.length === 1 ? known[0] : undefined
    return known.includes(to) ? to : undefined
  }
  const key = 'network' in by ? by.network : `${by.tenantId} ${by.objectId}`
  let best: string | undefined
  let highest = 0
  for (const [name, share] of Object.entries(shares)) {
    if (share <= 0 || !known.includes(name)) continue
    const score = share / -Math.log(fractionOf(`${key} ${name}`))
    if (score > highest) [best, highest] = [name, score]
  }
  return best
}

/** More than 0 and less than 1, evenly spread over texts: FNV-1a with the finishing steps of MurmurHash3. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32
}
