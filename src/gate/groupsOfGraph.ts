import type { Authority, Identity, KnownGroups } from '../identity/index.ts'
import type { Recorder } from '../model/event.ts'
import { membersOf } from '../model/membersOf.ts'
import type { BoundedFetch } from '../net/boundedFetch.ts'
import type { OpenIdClient } from './signIn/openIdClient.ts'

export interface GroupsOfGraphOptions {
  readonly authority: Authority
  readonly client: Pick<OpenIdClient, 'appToken'>
  readonly fetch: BoundedFetch['fetch']
  readonly recorder: Pick<Recorder, 'tell'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Ends what is under way. */
  readonly signal: AbortSignal
  /** For how long an answer is not asked for again, in seconds, 0 to 3,600; default 300. */
  readonly rememberSec?: number
}

/** Pages that are read of one person: Graph has 100 to 999 groups on each. */
const mostPages = 200
/** Groups of one person; above it none is known. */
const mostGroups = 20_000
/** People that are remembered. */
const mostRemembered = 2_000
/** Ids of groups that all of them have together: some 40 octets each. */
const mostIds = 1_000_000
/** After a failure Graph is not asked again before so long. */
const failedMs = 15_000
/** All pages of one person. */
const patienceMs = 20_000
/** A token is not used in its last minute. */
const spareMs = 60_000

type Unknown = Extract<KnownGroups, { kind: 'unknown' }>
type AskedGraph = { readonly ids: ReadonlySet<string> } | { readonly failed: string }

const unreachable: Unknown = { kind: 'unknown', because: 'directory-unreachable' }

interface Remembered {
  readonly groups: KnownGroups
  readonly until: number
}

/**
 * Groups of people whose tokens leave them out because they are too many: all of them, nested ones included, asked of
 * Microsoft Graph by the gate itself. The address that a token names is never asked. What is not known in the end is
 * unknown, which denies, and is told in the record.
 *
 * The app registration needs the application permission GroupMember.Read.All, and for apps Application.Read.All.
 * https://learn.microsoft.com/graph/api/directoryobject-getmemberobjects
 */
export class GroupsOfGraph {
  readonly #options: GroupsOfGraphOptions
  /** By person, the least recently asked first. */
  readonly #remembered = new Map<string, Remembered>()
  readonly #asking = new Map<string, Promise<KnownGroups>>()
  readonly #tokens = new Map<string, { readonly token: string; readonly until: number }>()
  #ids = 0

  constructor(options: GroupsOfGraphOptions) {
    const { rememberSec = 300 } = options
    if (!(rememberSec >= 0 && rememberSec <= 3600)) throw new RangeError(`rememberSec: ${rememberSec} is not 0 to 3600`)
    this.#options = options
  }

  /**
   * The groups of a token, asked for where it leaves them out. Never rejects.
   *
   * @param isAnew true: what is remembered does not count
   */
  async groupsOf(identity: Identity, isAnew = false): Promise<KnownGroups> {
    const { rememberSec = 300 } = this.#options
    const { groups, tenantId, objectId } = identity
    if (groups.kind === 'listed') return { kind: 'listed', ids: new Set(groups.ids) }
    if (groups.kind === 'not-told') return { kind: 'unknown', because: 'not-told' }
    const person = `${tenantId} ${objectId}`
    const known = this.#remembered.get(person)
    const left = known === undefined ? 0 : known.until - this.#options.now()
    // Bounded on both sides: a clock that is set back must not keep groups for longer.
    const isGood = known !== undefined && left > 0 && left <= Math.max(rememberSec * 1000, failedMs)
    if (isGood && !(isAnew && known.groups.kind === 'listed')) return known.groups
    const asking = this.#asking.get(person) ?? this.#begin(person, identity)
    return await asking
  }

  /** One question for all who wait. */
  #begin(person: string, identity: Identity): Promise<KnownGroups> {
    const asking = this.#ask(identity)
      .catch((): AskedGraph => ({ failed: 'no-answer' }))
      .then((asked) => {
        this.#asking.delete(person)
        return this.#settle(person, identity, asked)
      })
    this.#asking.set(person, asking)
    return asking
  }

  #settle(person: string, { kind, tenantId, objectId }: Identity, asked: AskedGraph): KnownGroups {
    const { now, recorder, rememberSec = 300 } = this.#options
    const isKnown = 'ids' in asked
    const groups: KnownGroups = isKnown ? { kind: 'listed', ids: asked.ids } : unreachable
    this.#remember(person, { groups, until: now() + (isKnown ? rememberSec * 1000 : failedMs) })
    recorder.tell({
      kind: 'authentication',
      activity: 'groups',
      outcome: isKnown ? 'ok' : 'failed',
      reason: isKnown ? 'directory-asked' : 'directory-unreachable',
      actor: { kind, tenantId, objectId },
      detail: isKnown ? { groups: asked.ids.size } : { because: asked.failed },
    })
    return groups
  }

  async #ask({ kind, tenantId, objectId }: Identity): Promise<AskedGraph> {
    const { authority, fetch, signal } = this.#options
    const token = await this.#tokenOf(tenantId)
    if ('failed' in token) return token
    const origin = `https://${authority.graphHost}`
    const ids = new Set<string>()
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
    const collection = kind === 'user' ? 'users' : 'servicePrincipals'
    let next: string | undefined = `${origin}/v1.0/${collection}/${objectId}/getMemberObjects`
    const headers = { authorization: `Bearer ${token.token}`, accept: 'application/json' }
    for (let page = 0; next !== undefined; page += 1) {
      if (page === mostPages) return { failed: 'too-many-pages' }
      // The first page is asked for with POST, and those behind a link with GET.
      const question =
        page === 0
          ? {
              method: 'POST',
              headers: { ...headers, 'content-type': 'application/json' },
              body: JSON.stringify({ securityEnabledOnly: false }),
            }
          : { headers }
      const answer: Response = await fetch(next, { ...question, signal: patience })
      if (answer.status === 401) this.#tokens.delete(tenantId)
      if (answer.status !== 200) return { failed: `status-${answer.status}` }
      const { value, '@odata.nextLink': link } = membersOf(await answer.json())
      if (!Array.isArray(value)) return { failed: 'not-understood' }
      const before = ids.size
      for (const id of value) if (typeof id === 'string') ids.add(id.toLowerCase())
      if (ids.size > mostGroups) return { failed: 'too-many-groups' }
      if (link === undefined || link === null) return { ids }
      if (typeof link !== 'string' || !URL.canParse(link) || new URL(link).origin !== origin) {
        return { failed: 'next-elsewhere' }
      }
      // A page that tells nothing new leads round in circles.
      if (ids.size === before) return { failed: 'endless' }
      next = link
    }
    return { ids }
  }

  async #tokenOf(tenant: string): Promise<{ readonly token: string } | { readonly failed: string }> {
    const { client, authority, now } = this.#options
    const kept = this.#tokens.get(tenant)
    if (kept !== undefined && now() < kept.until) return kept
    const asked = await client.appToken(tenant, `https://${authority.graphHost}/.default`)
    if (!asked.ok) return { failed: asked.failure.error }
    const { token, seconds } = asked.granted
    this.#tokens.set(tenant, { token, until: now() + seconds * 1000 - spareMs })
    return { token }
  }

  #remember(person: string, remembered: Remembered): void {
    this.#forget(person)
    this.#remembered.set(person, remembered)
    this.#ids += sizeOf(remembered)
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= mostRemembered && this.#ids <= mostIds) break
      this.#forget(oldest)
    }
  }

  #forget(person: string): void {
    const kept = this.#remembered.get(person)
    if (kept === undefined) return
    this.#ids -= sizeOf(kept)
    this.#remembered.delete(person)
  }
}

function sizeOf({ groups }: Remembered): number {
  return groups.kind === 'listed' ? groups.ids.size : 0
}
