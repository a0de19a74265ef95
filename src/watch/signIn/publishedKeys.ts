import type { JWK } from 'jose'
import { calculateJwkThumbprint } from 'jose'
import { keyLifetimeMs, refreshAfterMs } from '../../identity/signingKeys.ts'
import { membersOf } from '../../model/membersOf.ts'
import type { FindingNews } from '../news.ts'

/** The keys that a tenant publishes: id to thumbprint (RFC 7638, SHA-256). */
export type PublishedKeys = Readonly<Record<string, string>>

const mostKeys = 100

/** What of a JWKS is a key of RSA with an id; undefined where nothing is. */
export async function readPublishedKeys(document: unknown): Promise<PublishedKeys | undefined> {
  const listed = membersOf(document)['keys']
  if (!Array.isArray(listed)) return undefined
  const read = await Promise.all(listed.slice(0, mostKeys).map(thumbprintOf))
  const keys = Object.fromEntries(read.filter((one) => one !== undefined))
  return Object.keys(keys).length === 0 ? undefined : keys
}

async function thumbprintOf(value: unknown): Promise<readonly [id: string, thumbprint: string] | undefined> {
  const { kid, kty, n, e } = membersOf(value)
  // Ids are told to people: nothing but what ids are made of gets there.
  if (typeof kid !== 'string' || !/^[\w-]{1,100}$/.test(kid) || kty !== 'RSA') return undefined
  if (typeof n !== 'string' || typeof e !== 'string') return undefined
  const jwk: JWK = { kty, n, e }
  try {
    return [kid, await calculateJwkThumbprint(jwk, 'sha256')]
  } catch {
    return undefined
  }
}

/** What is remembered of the keys of a tenant from look to look, as a word of the history. */
export interface KeyMemory {
  readonly keys: Readonly<Record<string, { readonly thumbprint: string; readonly lastAt: number }>>
  /** When they were not as before for the last time; absent: never. */
  readonly changedAt?: number
}

export interface KeyStep {
  readonly memory: KeyMemory
  /** What is to be told; `over`: what was told is over. */
  readonly news?: Pick<FindingNews, 'says' | 'severity' | 'confidence' | 'owner' | 'fix'> | 'over'
}

/**
 * Holds what is published against what was, by the rules of the gate: it fetches keys anew after an hour, and keeps one
 * that is no longer published for a day.
 *
 * @param signedBy the key of a token that was issued in this look
 */
export function keyStep(
  before: KeyMemory | undefined,
  { at, keys, signedBy }: { readonly at: number; readonly keys: PublishedKeys; readonly signedBy?: string },
): KeyStep {
  const known = Object.entries(before?.keys ?? {}).filter(([, { lastAt }]) => at - lastAt < keyLifetimeMs)
  const now = Object.entries(keys).map(([id, thumbprint]) => [id, { thumbprint, lastAt: at }] as const)
  const all = Object.fromEntries([...known, ...now])
  if (before === undefined) return { memory: { keys: all } }
  const wasShown = Math.max(...Object.values(before.keys).map(({ lastAt }) => lastAt))
  const added = Object.keys(keys).filter((id) => before.keys[id] === undefined)
  const gone = known.filter(([id, { lastAt }]) => keys[id] === undefined && lastAt === wasShown).map(([id]) => id)
  const others = known.filter(([id, { thumbprint }]) => keys[id] !== undefined && keys[id] !== thumbprint)
  const changed: KeyMemory = { keys: all, changedAt: at }
  if (others.length > 0) {
    const says = `the tenant publishes another key under the id ${others.map(([id]) => id).join(', ')}: gates that hold the one before deny its tokens`
    const fix =
      'Restart the gate, and ask whether that key was really replaced: Entra ID gives each key an id of its own'
    return { memory: changed, news: { says, severity: 'high', confidence: 'certain', owner: 'cloud', fix } }
  }
  const left = signedBy === undefined || keys[signedBy] !== undefined ? undefined : all[signedBy]
  if (signedBy !== undefined && left !== undefined) {
    const until = new Date(left.lastAt + keyLifetimeMs).toISOString()
    const says = `tokens are signed with the key ${signedBy}, which is no longer published: the gate knows it until ${until} at the most`
    const fix =
      'Nothing at the gate: the keys of the tenant are at fault. Keep the gate running, which has the key in memory'
    return { memory: changed, news: { says, severity: 'high', confidence: 'likely', owner: 'cloud', fix } }
  }
  if (added.length + gone.length > 0) {
    const parts = [
      ...(added.length > 0 ? [`new: ${added.join(', ')}`] : []),
      ...(gone.length > 0 ? [`gone: ${gone.join(', ')}, which gates keep for a day`] : []),
    ]
    const says = `the signing keys of the tenant have changed (${parts.join('; ')}): a gate has the new ones within an hour`
    return { memory: changed, news: { says, severity: 'info', confidence: 'certain', owner: 'cloud' } }
  }
  const { changedAt } = before
  if (changedAt === undefined) return { memory: { keys: all } }
  return at - changedAt >= refreshAfterMs
    ? { memory: { keys: all }, news: 'over' }
    : { memory: { keys: all, changedAt } }
}

/** @returns undefined for what is no such word */
export function readKeyMemory(text: string | undefined): KeyMemory | undefined {
  try {
    const { keys, changedAt } = membersOf(JSON.parse(text ?? ''))
    const read = Object.entries(membersOf(keys)).flatMap(([id, value]) => {
      const { thumbprint, lastAt } = membersOf(value)
      return typeof thumbprint === 'string' && typeof lastAt === 'number' ? [[id, { thumbprint, lastAt }] as const] : []
    })
    if (read.length === 0) return undefined
    return { keys: Object.fromEntries(read), ...(typeof changedAt === 'number' && { changedAt }) }
  } catch {
    return undefined
  }
}
