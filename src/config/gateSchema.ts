import { z } from 'zod'
import { areRivals, ofIdentity } from '../identity/judgeAccess.ts'
import type { AccessRule, Route } from '../model/route.ts'
import type { Remedy } from './configError.ts'
import {
  apiSchema,
  backendsSchema,
  certificatesSchema,
  clientCertificatesSchema,
  limitsSchema,
  listenSchema,
  recordSchema,
  sessionsSchema,
  signInSchema,
} from './gateSections.ts'
import {
  readAuthenticationContext,
  readBackendUrl,
  readFingerprint,
  readMethod,
  readObjectId,
  readOrigin,
  readRoutePath,
  readServiceTag,
  readTimeOfDay,
  readTimeZone,
} from './gateTexts.ts'
import { distinct, textAs } from './siteFields.ts'
import { readHostName, readLabel, readPrefix } from './siteTexts.ts'

const words = (example: string) => distinct(z.array(z.string().min(1)).min(1)).meta({ examples: [[example]] })
const ids = distinct(z.array(textAs(readObjectId)).min(1))

const hours = z
  .strictObject({
    days: distinct(z.array(z.int().min(1).max(7)).min(1))
      .exactOptional()
      .meta({ description: 'Of the week, 1 is Monday and 7 Sunday; absent: every day.', examples: [[1, 2, 3, 4, 5]] }),
    from: textAs(readTimeOfDay).meta({ description: 'The first minute that counts.', examples: ['07:00'] }),
    to: textAs(readTimeOfDay).meta({
      description: 'The first minute that does not count any more; not after `from`: that of the next day.',
      examples: ['19:00'],
    }),
    zone: textAs(readTimeZone).meta({ description: 'The time zone.', examples: ['Europe/Berlin'] }),
  })
  .meta({ description: 'A time of the week.' })

/** What would let in whoever leaves out the token, or make nothing of what is asked of whoever signed in. */
function tooOpen(keys: readonly string[]): Remedy | undefined {
  const asked = keys.filter((key) => ofIdentity.has(camelOf(key)))
  const [first] = asked
  if (keys.includes('anonymous') && first !== undefined) {
    return {
      what: `a way in is for anybody, and asks for ${first} of whoever signed in`,
      right: 'leave out anonymous, or make two ways of it',
    }
  }
  return keys.length === 0 || first !== undefined || keys.includes('anonymous')
    ? undefined
    : {
        what: `a way in asks for ${keys.join(' and ')}, and not that anybody signs in`,
        right: 'add signed-in: true, or anonymous: true where nobody needs to',
      }
}

function camelOf(key: string): keyof AccessRule {
  return key.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) as keyof AccessRule
}

/** A way in as it is written: what may be asked for is told by the criteria of the room `identity`. */
const accessRule = z
  .strictObject({
    anonymous: z.literal(true).exactOptional().meta({ description: 'Nobody needs to sign in.' }),
    'signed-in': z.literal(true).exactOptional().meta({ description: 'Whoever has signed in.' }),
    roles: words('Payroll.Admin').exactOptional().meta({ description: 'One of these app roles.' }),
    groups: ids.exactOptional().meta({
      description: 'A member of one of these groups, by object id; denied while the groups are not known.',
      examples: [['5f2f5c0e-7f6b-4b5a-9f0a-3c1f1f7c8a11']],
    }),
    scopes: words('payroll.read').exactOptional().meta({ description: 'All of these delegated scopes.' }),
    tenants: ids.exactOptional().meta({
      description: 'An account of one of these tenants, by id.',
      examples: [['11111111-2222-3333-4444-555555555555']],
    }),
    guests: z
      .enum(['denied', 'only'])
      .exactOptional()
      .meta({
        title: 'word',
        description: 'denied: no guest of the tenant; only: nobody but guests. Needs the optional claim acct.',
        examples: ['denied'],
      }),
    apps: z
      .enum(['allowed', 'only'])
      .exactOptional()
      .meta({
        title: 'word',
        description:
          'allowed: also apps with a token of their own; only: nobody but them. Absent: no app comes in this way.',
        examples: ['allowed'],
      }),
    addresses: distinct(z.array(textAs(readPrefix)).min(1))
      .exactOptional()
      .meta({ description: 'A client in one of these prefixes.', examples: [['10.0.0.0/8']] }),
    'service-tags': distinct(z.array(textAs(readServiceTag)).min(1))
      .exactOptional()
      .meta({
        description:
          'A client in the ranges that Microsoft publishes for one of these service tags (gate.service-tags).',
        examples: [['AzureActiveDirectory']],
      }),
    hours: hours.exactOptional(),
    'client-certificates': distinct(z.array(textAs(readFingerprint)))
      .exactOptional()
      .meta({
        description: 'A client certificate that was verified; where fingerprints (SHA-256) are named, one of these.',
        examples: [[]],
      }),
    'authentication-context': textAs(readAuthenticationContext)
      .exactOptional()
      .meta({
        description: 'A sign-in that satisfied this authentication context of conditional access, c1 to c99.',
        examples: ['c1'],
      }),
    'authentication-methods': words('mfa').exactOptional().meta({
      description: 'A sign-in by one of these methods (amr), of which tokens of version 1.0 alone tell.',
    }),
  })
  .refine((rule) => Object.keys(rule).length > 0, {
    // A key that is only misspelt is told as that.
    when: ({ issues }) => issues.length === 0,
    params: {
      what: 'a way in that asks for nothing lets nobody in',
      right: 'write anonymous: true to let everybody in',
    },
  })
  .superRefine((rule, context) => {
    const told = tooOpen(Object.keys(rule))
    if (told !== undefined) context.addIssue({ code: 'custom', message: told.what, params: told })
  })
  .meta({ description: 'A way in: everything that it names must hold.', examples: [{ roles: ['Payroll.Admin'] }] })
  .transform(
    ({
      'signed-in': signedIn,
      'client-certificates': clientCertificates,
      'authentication-context': authenticationContext,
      'authentication-methods': authenticationMethods,
      'service-tags': serviceTags,
      ...rule
    }) => ({
      ...rule,
      ...(signedIn !== undefined && { signedIn }),
      ...(clientCertificates !== undefined && { clientCertificates }),
      ...(authenticationContext !== undefined && { authenticationContext }),
      ...(authenticationMethods !== undefined && { authenticationMethods }),
      ...(serviceTags !== undefined && { serviceTags }),
    }),
  )

const route = z
  .strictObject({
    id: textAs(readLabel).meta({ description: 'Its own word: the record names it.', examples: ['admin'] }),
    hosts: distinct(z.array(textAs(readHostName)).min(1))
      .exactOptional()
      .meta({
        description:
          'Host names that it is for; absent: every one of the gate’s. Browsers sign in at the host of the origin alone: every other one is for callers with tokens, and for what anybody may see.',
        examples: [['payroll.corp.example']],
      }),
    methods: distinct(z.array(textAs(readMethod)).min(1))
      .exactOptional()
      .meta({ description: 'Methods that it is for; absent: every one.', examples: [['GET', 'HEAD']] }),
    path: textAs(readRoutePath).meta({
      description: 'A path alone, or with /* at its end that and everything below it; letter case does not matter.',
      examples: ['/admin/*'],
    }),
    allow: z.array(accessRule).meta({
      description: 'Ways in, of which one suffices; none: nobody comes in.',
      examples: [[{ roles: ['Payroll.Admin'] }]],
    }),
    to: textAs(readLabel)
      .exactOptional()
      .meta({ description: 'The backend that it leads to; absent: the only one that there is.', examples: ['app'] }),
    shares: z
      .record(textAs(readLabel), z.int().min(0).max(1000).meta({ title: 'parts', description: 'Of all shares.' }))
      .exactOptional()
      .meta({
        description:
          'In the place of to: several backends, each for a part of the callers; one person, or one address, stays at one of them.',
        examples: [{ app: 90, 'app-next': 10 }],
      }),
    'web-socket-origins': distinct(z.array(textAs(readOrigin)).min(1))
      .exactOptional()
      .meta({
        description: 'Origins besides the gate’s own whose pages may open WebSockets here.',
        examples: [['https://portal.corp.example']],
      }),
  })
  .transform(({ 'web-socket-origins': webSocketOrigins, ...rest }) => ({
    ...rest,
    ...(webSocketOrigins !== undefined && { webSocketOrigins }),
  }))
  .meta({ description: 'Who may ask for what. The route with the narrowest path decides alone.' })

/** The record names routes by their ids, and no route hangs on where it stands. */
function idsOnce(routes: readonly Route[], context: z.RefinementCtx): void {
  for (const [index, route] of routes.entries()) {
    const before = routes.slice(0, index)
    const rival = before.find((other) => areRivals(route, other))
    if (before.some(({ id }) => id === route.id)) {
      const what = `the route "${route.id}" stands here a second time`
      const params = { what, right: 'give each route an id of its own' }
      context.addIssue({ code: 'custom', path: [index, 'id'], message: what, params })
    } else if (rival !== undefined) {
      const what = `"${route.path}" is for what the route "${rival.id}" is for as well, so that their order would decide`
      const params = { what, right: 'put their ways in into one route, or name hosts or methods that differ' }
      context.addIssue({ code: 'custom', path: [index, 'path'], message: what, params })
    }
  }
}

/** A route leads to a backend that there is; which one need not be said of the only one. */
function backendsKnown(
  { routes = [], backends }: { readonly routes?: readonly Route[] | undefined; readonly backends: object },
  context: z.RefinementCtx,
): void {
  const known = Object.keys(backends)
  for (const [index, { to, shares }] of routes.entries()) {
    if (shares !== undefined) {
      const fault = sharesFault(to, shares, known)
      if (fault === undefined) continue
      context.addIssue({ code: 'custom', path: ['routes', index, 'shares'], message: fault.what, params: fault })
      continue
    }
    const isKnown = to === undefined ? known.length < 2 : known.includes(to)
    if (isKnown) continue
    const what =
      to === undefined ? 'there are several backends, and the route names none' : `there is no backend "${to}"`
    const right = known.length === 0 ? 'write it under backends:' : `write one of ${known.join(', ')}`
    context.addIssue({
      code: 'custom',
      path: ['routes', index, ...(to === undefined ? [] : ['to'])],
      message: what,
      params: { what, right },
    })
  }
}

function sharesFault(
  to: string | undefined,
  shares: NonNullable<Route['shares']>,
  known: readonly string[],
): Remedy | undefined {
  if (to !== undefined) return { what: 'the route has both to and shares', right: 'give one of them' }
  const unknown = Object.keys(shares).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    return { what: `there is no backend "${unknown}"`, right: `write one of ${known.join(', ')}` }
  }
  return Object.values(shares).some((share) => share > 0)
    ? undefined
    : { what: 'no backend has a share', right: 'give one of them 1 or more' }
}

/** The settings of the gate. */
export const gateSchema = z
  .strictObject({
    origin: textAs(readOrigin)
      .exactOptional()
      .meta({
        description: 'Where people open it: scheme, host and port, as they are registered in Entra ID.',
        examples: ['https://payroll.corp.example:8443'],
      }),
    routes: z
      .array(route)
      .superRefine(idsOnce)
      .exactOptional()
      .meta({
        description: 'What may be asked for, and by whom; what no route is for is denied.',
        examples: [[{ id: 'all', path: '/*', allow: [{ 'signed-in': true }] }]],
      }),
    listen: listenSchema.exactOptional(),
    certificates: certificatesSchema,
    'client-certificates': clientCertificatesSchema.exactOptional(),
    tenants: ids.exactOptional().meta({
      description: 'Tenants whose accounts may come, by id; absent: that of the site, which is an id then.',
      examples: [['11111111-2222-3333-4444-555555555555']],
    }),
    authority: textAs(readOrigin)
      .exactOptional()
      .meta({
        description: 'Where a tenant is played, for rehearsals; absent: Entra ID in the cloud of the site.',
        examples: ['https://localhost:8444'],
      }),
    'sign-in': signInSchema.exactOptional(),
    api: apiSchema.exactOptional(),
    sessions: sessionsSchema,
    record: recordSchema,
    backends: backendsSchema,
    'service-tags': z
      .string()
      .min(1)
      .exactOptional()
      .meta({
        description:
          'The file of service tags that Microsoft publishes each week (ServiceTags_Public_DATE.json), relative to the site file; it is read at the start.',
        examples: ['ServiceTags_Public_20251106.json'],
      }),
    behind: distinct(z.array(textAs(readPrefix)))
      .default([])
      .meta({
        description: 'Proxies before the gate: what they tell of the client is believed, and of nobody else.',
        examples: [['10.9.0.0/24']],
      }),
    limits: limitsSchema,
    traces: z
      .strictObject({
        endpoint: textAs(readBackendUrl).meta({
          description: 'The collector: spans are posted to /v1/traces of it.',
          examples: ['http://127.0.0.1:4318'],
        }),
      })
      .exactOptional()
      .meta({
        description:
          'One span a request to a collector (OTLP over HTTP, JSON), and traceparent of proxies in gate.behind is continued; absent: no traces.',
        examples: [{ endpoint: 'http://127.0.0.1:4318' }],
      }),
    'transport-security-seconds': z.int().min(0).max(63_072_000).default(31_536_000).meta({
      title: 'seconds',
      description:
        'Seconds for which a browser that came once comes by HTTPS alone (Strict-Transport-Security, RFC 6797), where the app says nothing else; it holds for every port of the name. 0: it is not sent.',
    }),
    'administration-port': z.int().min(0).max(65_535).default(8480).meta({
      title: 'port',
      description: 'Of 127.0.0.1, where /metrics is (OpenMetrics); 0: nowhere.',
    }),
  })
  .superRefine(backendsKnown)
  .transform(
    ({
      'client-certificates': clientCertificates,
      'sign-in': signIn,
      'administration-port': port,
      'transport-security-seconds': transportSecuritySeconds,
      'service-tags': serviceTags,
      ...rest
    }) => ({
      ...rest,
      administrationPort: port,
      transportSecuritySeconds,
      ...(serviceTags !== undefined && { serviceTags }),
      ...(clientCertificates !== undefined && { clientCertificates }),
      ...(signIn !== undefined && { signIn }),
    }),
  )
  .meta({ description: 'Settings of postern serve.' })
