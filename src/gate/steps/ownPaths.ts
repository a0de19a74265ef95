import { json, problem } from '../answers.ts'
import type { Asked, Outcome } from '../exchange.ts'
import { signInElsewhere } from '../signInElsewhere.ts'
import type { Found, GateParts, Step } from './step.ts'

/** Everything below it is the gate's own, and never an app's. */
export const ownPrefix = '/.postern/'

interface OwnPath {
  readonly methods: readonly string[]
  readonly answer: (asked: Asked, found: Found, parts: GateParts) => Outcome | undefined | Promise<Outcome | undefined>
}

/** By what stands behind {@link ownPrefix}. Where it has no answer there is nothing: the gate has no such part. */
const ownPaths: Readonly<Record<string, OwnPath>> = {
  'health/live': { methods: ['GET', 'HEAD'], answer: () => word(200, 'live') },
  'health/ready': {
    methods: ['GET', 'HEAD'],
    // One word: what is missing is nobody's business but that of whoever reads the record.
    answer: (_asked, _found, { readiness }) => (readiness().length === 0 ? word(200, 'ready') : word(503, 'unready')),
  },
  'sign-in': {
    methods: ['GET'],
    answer: (asked, _found, { signIn, origin }) =>
      signIn === undefined ? undefined : (signInElsewhere(asked, origin) ?? signIn.begin(asked, returnIn(asked))),
  },
  callback: { methods: ['GET', 'POST'], answer: (asked, _found, { signIn }) => signIn?.finish(asked) },
  'sign-out': {
    methods: ['GET', 'POST'],
    answer: (asked, _found, { signIn }) => signIn?.signOut(asked),
  },
  'front-channel-sign-out': {
    methods: ['GET'],
    answer: (asked, _found, { signIn }) => signIn?.frontChannelSignOut(asked),
  },
  keys: {
    methods: ['GET', 'HEAD'],
    answer: (_asked, _found, { keys }) =>
      keys === undefined
        ? undefined
        : {
            kind: 'answer',
            status: 200,
            headers: [['content-type', 'application/jwk-set+json']],
            body: keys(),
            reason: 'ok',
            outcome: 'ok',
          },
  },
  whoami: { methods: ['GET', 'HEAD'], answer: (asked, found) => whoAmI(asked, found) },
}

/** A map, since a path may be a word of JavaScript. */
const byPath: ReadonlyMap<string, OwnPath> = new Map(Object.entries(ownPaths))

export const ownPathsFirst: Step = {
  name: 'own-paths',
  what: `answers what lies below ${ownPrefix}: sign-in, sign-out, health, whoami, keys`,
  run: async (asked, found, parts) => {
    const { path } = asked.target
    if (!isOwn(path)) return undefined
    const row = path.startsWith(ownPrefix) ? byPath.get(path.slice(ownPrefix.length)) : undefined
    if (row !== undefined && !row.methods.includes(asked.method)) {
      const allow = row.methods.join(', ')
      const told = { status: 405, reason: 'method-not-allowed', says: `what is here is asked for by ${allow}` }
      return problem({ ...told, headers: [['allow', allow]] }, asked.traceId)
    }
    const answer = asked.isUpgrade ? undefined : await row?.answer(asked, found, parts)
    return (
      answer ?? problem({ status: 404, reason: 'own-path-unknown', says: 'the gate has nothing here' }, asked.traceId)
    )
  },
}

/** In whatever letter case: an app behind that does not regard it must not be asked for what looks like ours. */
function isOwn(path: string): boolean {
  const lower = path.toLowerCase()
  return lower.startsWith(ownPrefix) || `${lower}/` === ownPrefix
}

function word(status: number, text: string): Outcome {
  const outcome = status === 200 ? 'ok' : 'failed'
  return { kind: 'answer', status, headers: [['content-type', 'text/plain']], body: `${text}\n`, reason: text, outcome }
}

/** What the gate knows of whoever asks: what apps are told, and nothing by which anybody could come in. */
function whoAmI(asked: Asked, { caller, refused }: Found): Outcome {
  if (caller.by === 'nobody') return refused ?? json({ by: 'nobody', address: asked.address })
  const { identity, groups } = caller
  const { kind, tenantId, objectId, displayName, roles, scopes, authenticationContexts, isGuest } = identity
  return json({
    by: caller.by,
    kind,
    tenantId,
    objectId,
    name: displayName,
    roles,
    scopes,
    groups: groups.kind === 'listed' ? [...groups.ids] : { unknown: groups.because },
    authenticationContexts,
    isGuest,
    address: asked.address,
  })
}

/** Where to go after signing in: `return`, where it is a path of the gate's own. */
function returnIn({ target: { query = '' } }: Asked): string {
  return new URLSearchParams(query).get('return') ?? '/'
}
