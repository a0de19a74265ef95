import { z } from 'zod'
import type { Backend, CertificateFiles, ClientCredential, GateLimits } from '../model/gate.ts'
import { readBackendUrl, readListenPlace, readLocalPath } from './gateTexts.ts'
import { distinct, textAs } from './siteFields.ts'
import { readClientId, readCredentials, readHostName, readLabel, readPath } from './siteTexts.ts'

/** A whole number with its unit, range and default, which the reference shows. */
export function amount(unit: string, least: number, most: number, usual: number, description: string) {
  return z.int().min(least).max(most).default(usual).meta({ title: unit, description })
}

export const file = (example: string) =>
  z
    .string()
    .min(1)
    .meta({ examples: [example] })

const certificateFiles = z
  .strictObject({
    certificate: file('gate.pem').meta({ description: 'PEM: the leaf first, then what leads to its root.' }),
    key: file('gate.key').meta({ description: 'PEM: its private key.' }),
  })
  .meta({ description: 'Paths, relative to the site file. Replaced files are taken up without a restart.' })

export const listenSchema = distinct(z.array(textAs(readListenPlace)).min(1)).meta({
  description: 'Where it listens; absent: on every address, at the port of the origin.',
  examples: [['0.0.0.0:8443', '[::]:8443']],
})

export const certificatesSchema = z
  .array(certificateFiles)
  .default([])
  .meta({
    description: 'Its own certificates: the name that a client asks for chooses, and the first is for all others.',
    examples: [[{ certificate: 'gate.pem', key: 'gate.key' }]],
  })

export const clientCertificatesSchema = z
  .strictObject({
    authorities: distinct(z.array(file('devices-ca.pem')).min(1)).meta({
      description: 'PEM files of the CAs that client certificates are of.',
      examples: [['devices-ca.pem']],
    }),
    ask: z
      .enum(['optional', 'required'])
      .default('optional')
      .meta({
        title: 'word',
        description: 'required: nobody comes in without one; optional: routes decide.',
        examples: ['optional'],
      }),
  })
  .meta({ description: 'Certificates of clients: all who come are asked for one.' })

export const signInSchema = z
  .strictObject({
    client: textAs(readClientId).meta({
      description: 'The application (client) id of the registration.',
      examples: ['00001111-aaaa-2222-bbbb-3333cccc4444'],
    }),
    secret: textAs(readCredentials)
      .exactOptional()
      .meta({
        description:
          'Where the client secret is to be found, env:NAME or file:PATH relative to the site file; never the secret itself.',
        pattern: '^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|store:.+)$',
        examples: ['env:GATE_SECRET'],
      }),
    certificate: certificateFiles.exactOptional().meta({
      description: 'In the place of a secret: the certificate that the registration has (private_key_jwt).',
    }),
    federated: file('/var/run/secrets/tokens/azure').exactOptional().meta({
      description: 'In the place of a secret: the file of a token of another issuer (federated credential).',
    }),
    pending: amount('sign-ins', 1, 20, 5, 'Sign-ins that one browser may have begun; the oldest gives way.'),
    'within-minutes': amount('minutes', 1, 60, 10, 'How long a begun sign-in may take.'),
    'after-sign-out': textAs(readLocalPath)
      .default('/')
      .meta({ description: 'The path that is shown after sign-out.', examples: ['/goodbye'] }),
  })
  .superRefine((written, context) => {
    const given = (['secret', 'certificate', 'federated'] as const).filter((key) => written[key] !== undefined)
    if (given.length === 1) return
    const what = given.length === 0 ? 'the app has nothing to prove itself with' : `it has ${given.join(' and ')}`
    context.addIssue({
      code: 'custom',
      message: what,
      params: { what, right: 'give one of secret, certificate and federated' },
    })
  })
  .transform(
    ({ secret, certificate, federated, 'within-minutes': withinMinutes, 'after-sign-out': after, ...rest }) => ({
      ...rest,
      withinMinutes,
      afterSignOut: after,
      credential: credentialOf(secret, certificate, federated),
    }),
  )
  .meta({ description: 'Sign-in of people with a browser. Absent: callers bring tokens.' })

function credentialOf(
  secret: string | undefined,
  files: CertificateFiles | undefined,
  federated: string | undefined,
): ClientCredential {
  if (secret !== undefined) return { kind: 'secret', reference: secret }
  return files === undefined ? { kind: 'federated', file: federated ?? '' } : { kind: 'certificate', files }
}

export const apiSchema = z
  .strictObject({
    audiences: distinct(z.array(z.string().min(1)).min(1)).meta({
      description: 'What access tokens may be for: the client id of the API, and for v1.0 tokens its App ID URIs.',
      examples: [['api://payroll']],
    }),
    accepts: z
      .enum(['users', 'apps', 'both'])
      .default('users')
      .meta({
        title: 'word',
        description: 'Whose tokens are taken: those of people, of apps, or both; routes decide further.',
        examples: ['both'],
      }),
  })
  .meta({ description: 'Access tokens that callers send as "Authorization: Bearer".' })

export const sessionsSchema = z
  .strictObject({
    'idle-minutes': amount('minutes', 1, 1440, 60, 'Without a request after which a session ends.'),
    'hard-hours': amount('hours', 1, 168, 12, 'After sign-in at which a session ends in any case.'),
    'revalidate-minutes': amount(
      'minutes',
      1,
      120,
      15,
      'After which Entra ID is asked whether the person may still come.',
    ),
    'grace-minutes': amount('minutes', 0, 240, 30, 'For which sessions are kept while Entra ID cannot be asked.'),
    'per-person': amount('sessions', 1, 100, 10, 'Of one person; the one used least recently gives way.'),
    file: file('postern-sessions.sqlite')
      .default('postern-sessions.sqlite')
      .meta({ description: 'The database, relative to the site file; its folder must be the gate’s own.' }),
  })
  .prefault({})
  .transform((written) => ({
    idleMinutes: written['idle-minutes'],
    hardHours: written['hard-hours'],
    revalidateMinutes: written['revalidate-minutes'],
    graceMinutes: written['grace-minutes'],
    perPerson: written['per-person'],
    file: written.file,
  }))
  .meta({ description: 'Sessions of browsers.' })

export const recordSchema = z
  .strictObject({
    folder: file('postern-record')
      .default('postern-record')
      .meta({ description: 'Where the record is kept, relative to the site file.' }),
    'rotate-mib': amount('MiB', 1, 4096, 64, 'Size at which a new file is begun.'),
    'keep-days': amount('days', 1, 3650, 400, 'For which ended files are kept.'),
    'most-gib': amount(
      'GiB',
      1,
      16_384,
      50,
      'Of all its files, above which the oldest are removed before their days; the one that is written stays.',
    ),
    'checkpoint-seconds': amount('seconds', 1, 3600, 60, 'Between signed checkpoints.'),
    'refusals-per-minute': amount(
      'events',
      1,
      10_000,
      60,
      'Connections, and requests refused unread or for their number, of one address and reason that are told one by one; those above are counted.',
    ),
  })
  .prefault({})
  .transform((written) => ({
    folder: written.folder,
    rotateMiB: written['rotate-mib'],
    keepDays: written['keep-days'],
    mostGiB: written['most-gib'],
    checkpointSeconds: written['checkpoint-seconds'],
    refusalsPerMinute: written['refusals-per-minute'],
  }))
  .meta({ description: 'The record of every attempt.' })

const health = z
  .strictObject({
    path: textAs(readPath).meta({ description: 'What is asked for: 200 to 399 is well.', examples: ['/healthz'] }),
    'every-seconds': amount('seconds', 1, 300, 10, 'Between two questions.'),
    'timeout-ms': amount('ms', 100, 60_000, 2000, 'Until a question counts as failed.'),
  })
  .transform((written) => ({
    path: written.path,
    everySeconds: written['every-seconds'],
    timeoutMs: written['timeout-ms'],
  }))
  .meta({ description: 'Asks each server whether it is well.' })

const backend = z
  .strictObject({
    urls: distinct(z.array(textAs(readBackendUrl)).min(1)).meta({
      description: 'Its servers, which are alike.',
      examples: [['https://app01.corp.example:8443', 'https://app02.corp.example:8443']],
    }),
    trust: distinct(z.array(file('enterprise-ca.pem')))
      .default([])
      .meta({
        description: 'PEM files of CAs that its certificates may be of; absent: what this machine trusts.',
        examples: [['enterprise-ca.pem']],
      }),
    'server-name': textAs(readHostName)
      .exactOptional()
      .meta({
        description: 'The name that its certificates are for; absent: the host of the URL.',
        examples: ['app.corp.example'],
      }),
    health: health.exactOptional(),
    sticky: z.boolean().default(false).meta({ description: 'Keeps a browser at the server that it came to first.' }),
    'answer-seconds': amount('seconds', 1, 3600, 60, 'Until the head of an answer.'),
    'idle-seconds': amount('seconds', 1, 3600, 300, 'Between two parts of an answer.'),
    connections: amount('connections', 1, 10_000, 256, 'To each of its servers at most, WebSockets included.'),
    assertion: z
      .boolean()
      .default(false)
      .meta({ description: 'Sends who asks as a JWT of the gate, whose keys are at /.postern/keys.' }),
    host: z
      .enum(['kept', 'own'])
      .default('kept')
      .meta({
        title: 'word',
        description: 'The Host that it is sent: kept, that of the gate; own, that of the URL.',
        examples: ['kept'],
      }),
  })
  .transform(
    ({
      'server-name': serverName,
      'answer-seconds': answerSeconds,
      'idle-seconds': idleSeconds,
      ...rest
    }): Backend => ({
      ...rest,
      answerSeconds,
      idleSeconds,
      ...(serverName !== undefined && { serverName }),
    }),
  )
  .meta({ description: 'Servers behind the gate that are alike.' })

export const backendsSchema = z
  .record(textAs(readLabel), backend)
  .default({})
  .meta({
    description: 'What routes lead to, by name.',
    examples: [{ app: { urls: ['https://app01.corp.example:8443'] } }],
  })

export const limitsSchema = z
  .strictObject({
    'handshake-seconds': amount('seconds', 1, 120, 10, 'For a TLS handshake.'),
    'head-seconds': amount('seconds', 1, 300, 10, 'For the head of a request.'),
    'head-octets': amount('octets', 8192, 1_048_576, 65_536, 'Of all header fields of a request.'),
    'head-fields': amount('fields', 20, 2000, 128, 'Header fields of a request.'),
    'body-octets': amount('octets', 0, 2 ** 40, 104_857_600, 'Of the body of a request.'),
    'body-idle-seconds': amount('seconds', 1, 3600, 30, 'Between two parts of a body.'),
    'idle-seconds': amount('seconds', 1, 3600, 75, 'For which a connection is kept without a request.'),
    connections: amount('connections', 10, 1_000_000, 20_000, 'Of all clients.'),
    'connections-per-address': amount('connections', 1, 100_000, 200, 'Of one address; of IPv6 one /64.'),
    'requests-per-address': amount(
      'requests a minute',
      1,
      1_000_000,
      600,
      'Of one address (IPv6: one /64), of whoever has not signed in.',
    ),
    'requests-per-identity': amount('requests a minute', 1, 1_000_000, 6000, 'Of one person or app.'),
    // A browser has 100 streams of HTTP/2 and WebSockets besides; half of what a backend takes by default is left to others.
    'exchanges-per-address': amount(
      'requests',
      1,
      1_000_000,
      128,
      'Open at once, WebSockets included, of one address (IPv6: one /64), of whoever has not signed in.',
    ),
    'exchanges-per-identity': amount(
      'requests',
      1,
      1_000_000,
      128,
      'Open at once, WebSockets included, of one person or app.',
    ),
    'drain-seconds': amount('seconds', 0, 600, 30, 'That open requests have to end in after SIGTERM.'),
  })
  .prefault({})
  .transform(
    (written): GateLimits => ({
      handshakeSeconds: written['handshake-seconds'],
      headSeconds: written['head-seconds'],
      headOctets: written['head-octets'],
      headFields: written['head-fields'],
      bodyOctets: written['body-octets'],
      bodyIdleSeconds: written['body-idle-seconds'],
      idleSeconds: written['idle-seconds'],
      connections: written.connections,
      connectionsPerAddress: written['connections-per-address'],
      requestsPerAddress: written['requests-per-address'],
      requestsPerIdentity: written['requests-per-identity'],
      exchangesPerAddress: written['exchanges-per-address'],
      exchangesPerIdentity: written['exchanges-per-identity'],
      drainSeconds: written['drain-seconds'],
    }),
  )
  .meta({ description: 'Bounds, so that a slow or greedy client hurts nobody else.' })
