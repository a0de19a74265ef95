import { IdTokenVerifier } from '../../identity/idTokenVerifier.ts'
import type { Authority, Identity, KnownGroups } from '../../identity/index.ts'
import { redirectUriOf } from '../../identity/index.ts'
import type { Recorder } from '../../model/event.ts'
import type { SessionSettings, SignInSettings } from '../../model/gate.ts'
import type { BoundedFetch } from '../../net/boundedFetch.ts'
import type { Clock } from '../../net/clock.ts'
import type { Ending, Session, SessionStore } from '../../store/sessions/index.ts'
import type { Asked, Caller } from '../exchange.ts'
import { GroupsOfGraph } from '../groupsOfGraph.ts'
import { cookieOf, ownCookies } from '../ownCookies.ts'
import type { BrowserSignIn, CookieReason } from '../steps/step.ts'
import { beginSignIn } from './beginSignIn.ts'
import { finishSignIn } from './finishSignIn.ts'
import type { ReadProof } from './openIdClient.ts'
import { OpenIdClient } from './openIdClient.ts'
import type { SignInParts } from './parts.ts'
import { Revalidation } from './revalidation.ts'
import { actorOf } from './signInEvents.ts'
import { frontChannelSignOut, signOut } from './signOut.ts'

export interface SignInOptions {
  /** `https://host:port`, the one place that people open. */
  readonly origin: string
  readonly authority: Authority
  /** Ids of the tenants whose people may come, GUIDs in lower case; one or more. */
  readonly tenants: readonly string[]
  readonly settings: SignInSettings
  readonly sessions: Pick<SessionSettings, 'idleMinutes' | 'hardHours' | 'revalidateMinutes' | 'graceMinutes'>
  readonly store: SessionStore
  /** May ask the hosts of the authority: of sign-in, and of Graph. */
  readonly fetch: Pick<BoundedFetch, 'fetch' | 'fetchJson'>
  readonly proof: ReadProof
  readonly recorder: Recorder
  readonly clock: Pick<Clock, 'now'>
  /** As many unguessable octets as are asked for. */
  readonly random: (octets: number) => Uint8Array
  /** Ends what is under way. */
  readonly signal: AbortSignal
}

/** Sign-in of browsers, and their sessions. */
export interface SignIn extends BrowserSignIn {
  /** Letter by letter as it has to be registered. */
  readonly redirectUri: string
  readonly sessions: SessionStore
  /** Groups of whoever came with a token: asked of Graph where it leaves them out. Never rejects. */
  groupsOf(identity: Identity): Promise<KnownGroups>
  /**
   * Whether a session still lets in, by its name: for what stays open, at least once a minute. Counts as use of it, and asks
   * Entra ID where that is due.
   */
  stillIn(name: string): Promise<boolean>
  /** Ends sessions that nobody used for too long or that are as old as they may get: once a minute. */
  sweep(): void
}

const minuteMs = 60_000

/** How the end of a session is told; every other one is the gate's own doing. */
const activities: Readonly<Partial<Record<Ending, string>>> = {
  'signed-out': 'sign-out',
  'signed-out-elsewhere': 'front-channel-sign-out',
}

/** Puts together what signs browsers in. Opens nothing: the database and the way to Entra ID are given. */
export function openSignIn(options: SignInOptions): SignIn {
  const { origin, authority, tenants, settings, sessions, store, recorder, clock, random, signal } = options
  const { fetch, fetchJson } = options.fetch
  const now = (): number => clock.now()
  const redirectUri = redirectUriOf(origin)
  const client = new OpenIdClient({
    authority,
    tenants,
    client: settings.client,
    redirectUri,
    proof: options.proof,
    fetch,
    now,
    signal,
  })
  const groups = new GroupsOfGraph({ authority, client, fetch, recorder, now, signal })
  const parts: SignInParts = {
    origin,
    authority,
    tenants,
    settings,
    store,
    client,
    groups,
    recorder,
    now,
    bounds: {
      idleMs: sessions.idleMinutes * minuteMs,
      hardMs: sessions.hardHours * 60 * minuteMs,
      revalidateMs: sessions.revalidateMinutes * minuteMs,
      graceMs: sessions.graceMinutes * minuteMs,
    },
    idTokens: new IdTokenVerifier({ authority, tenants: new Set(tenants), client: settings.client, fetchJson, now }),
    secret: () => Buffer.from(random(32)).toString('base64url'),
  }
  const revalidation = new Revalidation(parts)
  store.onEnd(({ name, why, tenantId, objectId }) => {
    recorder.tell({
      kind: 'authentication',
      activity: activities[why] ?? 'revoke',
      outcome: 'ok',
      reason: why,
      actor: actorOf({ kind: 'user', tenantId, objectId }),
      session: name,
    })
  })
  return {
    redirectUri,
    sessions: store,
    begin: (asked, returnTo, context) => beginSignIn(parts, asked, returnTo, context),
    finish: (asked) => finishSignIn(parts, asked),
    callerOf: (asked) => callerOf(parts, revalidation, asked),
    signOut: async (asked) => signOut(parts, asked),
    frontChannelSignOut: async (asked) => frontChannelSignOut(parts, asked),
    groupsOf: (identity) => groups.groupsOf(identity),
    async stillIn(name) {
      const session = store.get(name)
      const confirmed = session === undefined ? 'ended' : await revalidation.confirm(session)
      if (typeof confirmed === 'string') return false
      store.touch(confirmed)
      return true
    },
    sweep() {
      const { idleMs, hardMs } = parts.bounds
      store.endOld(now() - idleMs, now() - hardMs)
    },
  }
}

/** Who a cookie stands for, or why it lets nobody in. */
async function callerOf(
  { store, groups: directory }: SignInParts,
  revalidation: Revalidation,
  asked: Asked,
): Promise<{ readonly ok: true; readonly caller: Caller } | { readonly ok: false; readonly reason: CookieReason }> {
  const id = cookieOf(asked.headers, ownCookies.session)
  if (id === undefined) return { ok: false, reason: 'none' }
  const found = store.find(id)
  const confirmed = found === undefined ? 'ended' : await revalidation.confirm(found)
  if (confirmed === 'unconfirmed') return { ok: false, reason: 'revalidation-failed' }
  if (confirmed === 'ended') return { ok: false, reason: reasonOf(store.whyEnded(id)) }
  store.touch(confirmed)
  const { identity, name } = confirmed
  const groups = await groupsNow(confirmed)
  // Graph may have taken its time, in which somebody ended the session.
  if (store.get(name) === undefined) return { ok: false, reason: reasonOf(store.whyEnded(id)) }
  return { ok: true, caller: { by: 'session', identity, groups, session: name } }

  /** Where Graph could not be asked then, it is asked again, as often as {@link GroupsOfGraph} lets it be. */
  async function groupsNow({ name, identity, groups }: Session): Promise<KnownGroups> {
    if (groups.kind === 'listed' || groups.because !== 'directory-unreachable') return groups
    const known = await directory.groupsOf(identity)
    if (known.kind === 'listed') store.learnGroups(name, known)
    return known
  }
}

function reasonOf(why: Ending | undefined): CookieReason {
  switch (why) {
    case undefined:
      return 'session-unknown'
    case 'idle':
      return 'session-idle'
    case 'over':
      return 'session-over'
    case 'refused':
      return 'revalidation-failed'
    default:
      return 'revoked'
  }
}
