import { z } from 'zod'
import type { MaintenanceWindow, OutletSettings, SyncCanary, SyntheticSignIn } from '../model/watch.ts'
import type { Remedy } from './configError.ts'
import { amount, file } from './gateSections.ts'
import { readTimeOfDay, readTimeZone } from './gateTexts.ts'
import { outletSchema } from './outletSchema.ts'
import { distinct, textAs } from './siteFields.ts'
import { readClientId, readCredentials, readLabel } from './siteTexts.ts'
import { readDirectoryUrl, readHttpsUrl } from './watchTexts.ts'

/** A time between two looks: less than five seconds is no watching but hammering, and servers take it for an attack. */
export const every = (usual: number, description: string) => amount('seconds', 5, 86_400, usual, description)

export const zoneSchema = textAs(readTimeZone)

const reference = (description: string, example: string) =>
  textAs(readCredentials).meta({
    description,
    pattern: '^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|store:.+)$',
    examples: [example],
  })

const account = (description: string, example: string) =>
  z
    .strictObject({
      name: z
        .string()
        .min(1)
        .meta({ description: 'Its name, as it signs in.', examples: [example] }),
      password: reference('Where its password is to be found; never the password itself.', 'env:WATCH_PASSWORD'),
    })
    .meta({ description })

export const flowsSchema = z
  .record(
    z.string(),
    z
      .strictObject({ 'every-seconds': every(60, 'Between two looks at flows of this id.') })
      .transform((written) => ({ everySeconds: written['every-seconds'] }))
      .meta({ description: 'A flow of the catalog or of the site’s own, by its id.' }),
  )
  .default({})
  .meta({
    description: 'Flows that are looked at more often, or less, than the others.',
    examples: [{ 't1-ldaps': { 'every-seconds': 300 } }],
  })

const maintenanceWindow = z
  .strictObject({
    name: textAs(readLabel).meta({ description: 'Its own word: the history names it.', examples: ['patch-night'] }),
    days: distinct(z.array(z.int().min(1).max(7)).min(1))
      .exactOptional()
      .meta({ description: 'Of the week, 1 is Monday and 7 Sunday; absent: every day.', examples: [[6, 7]] }),
    from: textAs(readTimeOfDay).meta({ description: 'The first minute of it.', examples: ['22:00'] }),
    to: textAs(readTimeOfDay).meta({
      description: 'The first minute after it; not after `from`: that of the next day.',
      examples: ['02:00'],
    }),
    zone: zoneSchema.exactOptional().meta({
      description: 'The time zone; absent: watch.zone.',
      examples: ['Europe/Berlin'],
    }),
    of: distinct(z.array(z.string().min(1)).min(1))
      .exactOptional()
      .meta({
        description: 'Hosts, networks or flow ids that it speaks of; absent: all of the site.',
        examples: [['dc01']],
      }),
  })
  .meta({ description: 'Days and hours at which nothing is told; looks go on, and the history says so.' })

export const maintenanceSchema = z
  .array(maintenanceWindow)
  .default([])
  .meta({
    description:
      'Times of the week at which nothing is told. Where clocks are set, the hour that is left out is no part of it.',
    examples: [[{ name: 'patch-night', days: [6], from: '22:00', to: '02:00', zone: 'Europe/Berlin' }]],
  })

type WrittenWindow = z.output<typeof maintenanceWindow>

/** @param zone that of all windows without their own; what has neither is told by `zonesGiven` */
export function windowOf({ days, from, to, zone: own, ...rest }: WrittenWindow, zone = 'UTC'): MaintenanceWindow {
  return {
    ...rest,
    // In the file a week begins on Monday, as in those of the gate.
    ...(days !== undefined && { days: days.map((day) => day % 7) }),
    from: minuteOf(from),
    to: minuteOf(to),
    zone: own ?? zone,
  }
}

function minuteOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number)
  return hour * 60 + minute
}

export const historySchema = z
  .strictObject({
    file: file('postern-history.sqlite')
      .default('postern-history.sqlite')
      .meta({ description: 'The database, relative to the site file; one watcher writes it.' }),
    'raw-days': amount('days', 1, 365, 14, 'For which each look is kept.'),
    'failure-days': amount('days', 1, 3650, 90, 'For which looks that failed are kept whole, with their evidence.'),
    'sketch-days': amount('days', 7, 3650, 1095, 'For which quantiles are kept.'),
    'most-mib': amount(
      'MiB',
      16,
      1_048_576,
      4096,
      'Of the database, above which the oldest looks go before their days.',
    ),
  })
  .prefault({})
  .transform((written) => ({
    file: written.file,
    rawDays: written['raw-days'],
    failureDays: written['failure-days'],
    sketchDays: written['sketch-days'],
    mostMib: written['most-mib'],
  }))
  .meta({ description: 'What is kept of what was seen.' })

const signIn = z
  .strictObject({
    kind: z.enum(['client-credentials', 'user', 'before-credentials']).meta({
      title: 'kind',
      description:
        'client-credentials: an app signs in by itself; user: a dedicated test account without roles, in a tenant that is played alone; before-credentials: asked up to the page that wants them.',
      examples: ['client-credentials'],
    }),
    'every-seconds': every(300, 'Between two sign-ins.'),
    client: textAs(readClientId)
      .exactOptional()
      .meta({
        description: 'The application (client) id that signs in.',
        examples: ['00001111-aaaa-2222-bbbb-3333cccc4444'],
      }),
    scope: z
      .string()
      .min(1)
      .exactOptional()
      .meta({ description: 'What the token is for.', examples: ['https://graph.microsoft.com/.default'] }),
    certificate: z
      .strictObject({
        certificate: file('watch-app.pem').meta({ description: 'PEM: the certificate that the registration has.' }),
        key: file('watch-app.key').meta({ description: 'PEM: its private key.' }),
      })
      .exactOptional()
      .meta({ description: 'Paths, relative to the site file, of what the app proves itself with.' }),
    secret: reference(
      'In the place of a certificate: where the client secret is to be found.',
      'env:WATCH_SECRET',
    ).exactOptional(),
    account: z
      .strictObject({
        name: z
          .string()
          .min(1)
          .meta({ description: 'Its name, as it signs in.', examples: ['probe@contoso.com'] }),
      })
      .exactOptional()
      .meta({ description: 'Of kind user: the dedicated test account, which has no role.' }),
    'redirect-uri': textAs(readHttpsUrl)
      .exactOptional()
      .meta({
        description: 'Of kind user: where the browser is sent back to, letter by letter as it is registered.',
        examples: ['https://watch.corp.example/signed-in'],
      }),
    audience: z
      .string()
      .min(1)
      .exactOptional()
      .meta({
        description: 'What the token must be for (aud); absent: what the scope says.',
        examples: ['00001111-aaaa-2222-bbbb-3333cccc4444'],
      }),
    'least-minutes': z
      .int()
      .min(1)
      .max(1440)
      .exactOptional()
      .meta({ title: 'minutes', description: 'That a token must last; absent: 10.', examples: [10] }),
    url: textAs(readHttpsUrl)
      .exactOptional()
      .meta({
        description: 'Of kind before-credentials: what is asked.',
        examples: ['https://sts.contoso.com/adfs/ls/idpinitiatedsignon'],
      }),
    claims: z
      .record(z.string(), z.string().meta({ description: 'Its value, letter by letter.' }))
      .exactOptional()
      .meta({ description: 'Claims that the token must have, by name.', examples: [{ roles: 'Monitor' }] }),
  })
  .superRefine((written, context) => {
    const fault = signInFault(written)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault.what, params: fault })
  })
  .transform(
    ({ 'every-seconds': everySeconds, 'redirect-uri': redirectUri, 'least-minutes': leastMinutes, ...rest }) => ({
      ...rest,
      everySeconds,
      ...(redirectUri !== undefined && { redirectUri }),
      ...(leastMinutes !== undefined && { leastMinutes }),
    }),
  )
  .meta({ description: 'A sign-in that the watcher does by itself.' })

/** What each kind has to have, and what it has no use for. */
const signInKeys = {
  'client-credentials': { needs: ['client'], not: ['account', 'redirect-uri', 'url'] },
  user: { needs: ['client', 'account', 'redirect-uri'], not: ['url'] },
  'before-credentials': {
    needs: ['url'],
    not: [
      ...['client', 'scope', 'certificate', 'secret', 'account', 'redirect-uri'],
      ...['claims', 'audience', 'least-minutes'],
    ],
  },
} as const

function signInFault(
  written: { readonly kind: SyntheticSignIn['kind'] } & Readonly<Record<string, unknown>>,
): Remedy | undefined {
  const { needs, not } = signInKeys[written.kind]
  const lacks = needs.filter((key) => written[key] === undefined)
  if (lacks.length > 0) {
    return {
      what: `a sign-in of kind ${written.kind} lacks ${lacks.join(' and ')}`,
      right: `add ${lacks.join(' and ')}`,
    }
  }
  const idle = not.filter((key) => written[key] !== undefined)
  if (idle.length > 0) {
    return {
      what: `a sign-in of kind ${written.kind} has no use for ${idle.join(' and ')}`,
      right: 'leave it out, or choose another kind',
    }
  }
  const proofs = (['certificate', 'secret'] as const).filter((key) => written[key] !== undefined)
  if (written.kind !== 'client-credentials' || proofs.length === 1) return undefined
  const what = proofs.length === 0 ? 'the app has nothing to prove itself with' : 'it has certificate and secret'
  return { what, right: 'give one of certificate and secret; a certificate is safer' }
}

export const signInsSchema = z
  .record(z.string(), signIn)
  .default({})
  .transform((written): readonly SyntheticSignIn[] => Object.entries(written).map(([name, one]) => ({ name, ...one })))
  .meta({
    description: 'Sign-ins that the watcher does by itself, by their names.',
    examples: [
      {
        daemon: {
          kind: 'client-credentials',
          client: '00001111-aaaa-2222-bbbb-3333cccc4444',
          certificate: { certificate: 'watch-app.pem', key: 'watch-app.key' },
        },
      },
    ],
  })

const canaryTarget = z
  .strictObject({
    kind: z
      .enum(['graph', 'scim'])
      .meta({ title: 'kind', description: 'Where the change has to arrive.', examples: ['graph'] }),
    url: textAs(readHttpsUrl)
      .exactOptional()
      .meta({
        description: 'Of kind scim: the base of the service, below which Users is.',
        examples: ['https://scim.corp.example/scim/v2'],
      }),
    'sign-in': z
      .string()
      .min(1)
      .exactOptional()
      .meta({
        description:
          'Of kind graph: the sign-in of kind client-credentials whose app reads it; absent: the first of them.',
        examples: ['daemon'],
      }),
    token: reference('Of kind scim: where its bearer token is to be found.', 'env:SCIM_TOKEN').exactOptional(),
    object: z
      .string()
      .min(1)
      .meta({ description: 'The id of the object there.', examples: ['canary@contoso.com'] }),
    attribute: z
      .string()
      .min(1)
      .meta({ description: 'The attribute there.', examples: ['officeLocation'] }),
  })
  .superRefine(({ kind, url, token }, context) => {
    if (kind !== 'scim' || (url !== undefined && token !== undefined)) return
    const params = {
      what: `a target of kind scim lacks ${url === undefined ? 'url' : 'token'}`,
      right: 'add url: https://scim.corp.example/scim/v2 and token: env:SCIM_TOKEN',
    }
    context.addIssue({ code: 'custom', message: params.what, params })
  })
  .transform(({ 'sign-in': signIn, ...rest }) => ({ ...rest, ...(signIn !== undefined && { signIn }) }))
  .meta({ description: 'Where the change is awaited.' })

export const canarySchema = z
  .strictObject({
    object: z
      .string()
      .min(1)
      .meta({
        description: 'Distinguished name of the one object that is changed.',
        examples: ['CN=canary,OU=Watch,DC=corp,DC=example'],
      }),
    attribute: z
      .string()
      .min(1)
      .default('physicalDeliveryOfficeName')
      .meta({ description: 'Its one attribute that is changed.', examples: ['physicalDeliveryOfficeName'] }),
    directory: textAs(readDirectoryUrl).meta({
      description: 'The domain controller: ldaps://, or ldap://, which is spoken with StartTLS.',
      examples: ['ldaps://dc01.corp.example'],
    }),
    account: account('May write that attribute of that object, and nothing else.', 'CORP\\svc-canary'),
    target: canaryTarget,
    'every-seconds': every(1800, 'Between two changes.'),
    'within-seconds': amount('seconds', 10, 86_400, 3600, 'After which a change counts as not arrived.'),
  })
  .transform(
    ({ 'every-seconds': everySeconds, 'within-seconds': withinSeconds, ...rest }): SyncCanary => ({
      ...rest,
      everySeconds,
      withinSeconds,
    }),
  )
  .meta({
    description:
      'One attribute of one object is changed in the directory and awaited in the cloud: how long synchronisation takes. Absent: nothing is changed.',
  })

export const outletsSchema = z
  .record(z.string(), outletSchema)
  .default({})
  .transform((written): readonly OutletSettings[] =>
    Object.entries(written).map(([name, { kind, takes, least, ...settings }]) => ({
      name,
      kind,
      takes,
      ...(least !== undefined && { least }),
      settings,
    })),
  )
  .meta({
    description: 'Where alerts and events go, by their names. postern watch --test-outlet NAME tries one.',
    examples: [{ desk: { kind: 'webhook', url: 'https://hooks.corp.example/postern', least: 'high' } }],
  })
