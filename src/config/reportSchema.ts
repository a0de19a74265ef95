import { z } from 'zod'
import { causeCodes, confidences, owners } from '../model/cause.ts'
import { clouds } from '../model/cloud.ts'
import { features } from '../model/feature.ts'
import { severities } from '../model/finding.ts'
import { directions, necessities, phases, transports } from '../model/flow.ts'
import { variations } from '../model/observation.ts'
import type { CheckReport, CompareReport, FlowReport, PlanReport } from '../model/report.ts'
import { cloudRoles, groupRoles, siteRoles } from '../model/role.ts'
import { services } from '../model/service.ts'
import { verdictKinds } from '../model/verdict.ts'

/**
 * The reports as schemas: what a file is held to before it is believed, and what `docs/reference` publishes. They say
 * the same as `src/model/report.ts`; the compiler holds the two together.
 */

type Unlocked<T> = T extends object ? { -readonly [Key in keyof T]: Unlocked<T[Key]> } : T
type Same<One, Other> =
  (<T>() => T extends Unlocked<One> ? 1 : 2) extends <T>() => T extends Unlocked<Other> ? 1 : 2 ? true : false

/** Does not compile when a schema and its type part ways in a key, a type, or what may be left out. */
export function schemaOf<Report>() {
  return <Schema extends z.ZodType>(
    schema: Schema & (Same<z.infer<Schema>, Report> extends true ? unknown : 'the schema and the type differ'),
  ): Schema => schema
}

const texts = z.array(z.string())
const time = z.string().meta({ format: 'date-time', description: 'ISO 8601, UTC' })
const count = z.int().min(0)
const ms = z.number().describe('Milliseconds')
const port = z.int().min(1).max(65535)
const address = z.string().describe('An IP address in canonical text (RFC 5952)')
const textByText = z.record(z.string(), z.string())

const cause = z.enum(causeCodes).describe('What is wrong: postern explain tells each')
const role = z.enum([...siteRoles, ...cloudRoles, ...groupRoles])

const flowTarget = z
  .object({
    name: z.string().exactOptional().describe('The name that is dialled and sent as SNI'),
    pattern: z.string().exactOptional().describe('The published pattern that the name was chosen for'),
    nameFrom: z.string().exactOptional().describe('Where the name was taken from'),
    address: address.exactOptional(),
    port: port.nullable().describe('Null when the row gives a range, any port, or none'),
    range: z.object({ first: port, last: port }).exactOptional(),
    transport: z.enum(transports),
    service: z.enum(services),
    path: z.string().exactOptional(),
    plannedPort: port.exactOptional().describe('The port of the catalog, when names: maps it to another'),
    undialled: z.string().exactOptional().describe('Why nothing can be dialled'),
  })
  .meta({ id: 'FlowTarget' })

const flowShape = {
  flow: z.string().describe('The id of the catalog row, or the user’s own'),
  from: z.string().describe('Host or network that opens the connection'),
  fromRole: role,
  fromAddresses: texts.describe('Addresses of the host, or prefixes of the network, that opens the connection'),
  to: z.string().describe('Host or network that accepts it, or the cloud role'),
  toRole: role,
  target: flowTarget,
  via: z.string().exactOptional().describe('The proxy of the site file that the opener sends this flow through'),
  necessity: z.enum(necessities),
  expect: z.enum(['open', 'closed']),
  direction: z.enum(directions),
  phase: z.enum(phases).exactOptional(),
  table: z.string(),
  purpose: z.string(),
  requiredWhen: z.string(),
  features: z.array(z.enum(features)),
  unsettled: texts.describe('Facts that the site file does not settle and on which the need depends'),
  fallbackFor: z.string().exactOptional(),
  notes: texts,
  source: z.string(),
  asOf: z.string().exactOptional().describe('Date of the source; absent for what no page says'),
}

const observed = {
  id: z.string().describe('Unique in one report'),
  role: z.enum(['probe', 'repeat', 'control', 'context']),
  varies: z.enum(variations).exactOptional().describe('What a control varies against its probe'),
  at: time,
  ms,
}

const certificate = z
  .object({
    subject: z.string().describe('Distinguished name, RFC 4514'),
    issuer: z.string(),
    serial: z.string().describe('Lower-case hexadecimal'),
    sha1: z.string().describe('Upper-case hexadecimal'),
    sha256: z.string().describe('Upper-case hexadecimal'),
    notBefore: z.string(),
    notAfter: z.string(),
    subjectAltNames: texts.describe('dns: and ip: entries, the first 64'),
    subjectAltNameCount: count.exactOptional().describe('How many entries there are, where not all are kept'),
    caIssuers: texts,
    selfSigned: z.boolean(),
    key: z
      .object({ type: z.string(), bits: count.exactOptional() })
      .exactOptional()
      .describe('Kind of the key, and its modulus'),
    signature: z.string().exactOptional().describe('How it was signed: sha256WithRSAEncryption'),
    from: z.enum(['handshake', 'aia', 'node', 'machine', 'site']),
  })
  .meta({ id: 'CertificateFacts' })

const timeAnswer = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('time'),
      leap: z.enum(['none', 'add-second', 'delete-second', 'unsynchronised']),
      version: z.int(),
      stratum: z.int(),
      reference: z.string().describe('What the server follows'),
      rootDelayMs: ms,
      rootDispersionMs: ms,
      offsetMs: ms.exactOptional().describe('The server’s clock less this machine’s, in milliseconds'),
      delayMs: ms.exactOptional(),
    }),
    z.object({ kind: z.literal('kiss'), code: z.string(), means: z.string().exactOptional() }),
    z.object({ kind: z.enum(['not-ours', 'unreadable']), why: z.string() }),
  ])
  .meta({ id: 'TimeAnswer', description: 'RFC 5905 §7.3' })

const webSocketUpgrade = z
  .object({
    offered: texts.describe('Subprotocols'),
    outcome: z.enum(['accepted', 'not-switched', 'not-websocket']),
    protocol: z.string().exactOptional(),
    why: z.string().exactOptional(),
    heard: z
      .enum(['pong', 'close', 'frame', 'violation', 'ended', 'nothing'])
      .exactOptional()
      .describe('What came in answer to a ping'),
    pongMs: ms.exactOptional(),
    closeCode: z.int().exactOptional(),
    trackingId: z.string().exactOptional().describe('Of Azure Service Bus'),
  })
  .meta({ id: 'WebSocketUpgrade', description: 'RFC 6455 §4' })

const observation = z
  .discriminatedUnion('kind', [
    z.object({
      ...observed,
      kind: z.literal('name-lookup'),
      name: z.string(),
      type: z.enum(['A', 'AAAA', 'SRV', 'SOA', 'NS', 'TXT', 'CNAME']),
      resolver: z.string(),
      resolverRole: z.enum(['internal', 'control', 'system', 'target', 'none']),
      transport: z.enum(['udp', 'tcp', 'system']),
      outcome: z.enum([
        'answer',
        'no-data',
        'name-error',
        'server-failure',
        'refused-by-policy',
        'other-rcode',
        'timeout',
        'refused',
        'unreachable',
        'malformed',
        'mismatch',
        'tool-limit',
        'aborted',
      ]),
      rcode: z.int().exactOptional().describe('DNS RCODE (RFC 6895)'),
      authoritative: z.boolean().exactOptional(),
      truncated: z.boolean().exactOptional(),
      answers: texts,
      aliases: texts,
      ttlSec: z.number().exactOptional(),
      answeredBy: z.string().exactOptional(),
      contradictedBy: z
        .object({ outcome: z.enum(['answer', 'other']), answers: texts })
        .exactOptional()
        .describe('A second answer under the same id, which says something else'),
      detail: z.string().exactOptional(),
    }),
    z.object({
      ...observed,
      kind: z.literal('tcp-connect'),
      address,
      port,
      outcome: z.enum([
        'connected',
        'refused',
        'timeout',
        'host-unreachable',
        'net-unreachable',
        'admin-prohibited',
        'reset',
        'no-local-network',
        'tool-limit',
        'aborted',
        'error',
      ]),
      code: z.string().exactOptional(),
      localAddress: z.string().exactOptional(),
      proxy: z.string().exactOptional().describe('The proxy that was dialled, by its name in the site'),
    }),
    z.object({
      ...observed,
      kind: z.literal('udp-exchange'),
      address,
      port,
      outcome: z.enum(['answer', 'timeout', 'refused', 'unreachable', 'tool-limit', 'aborted', 'error']),
      code: z.string().exactOptional(),
      bytesOut: count,
      bytesIn: count,
      time: timeAnswer.exactOptional(),
    }),
    z.object({
      ...observed,
      kind: z.literal('tls-handshake'),
      through: z.string().exactOptional().describe('The proxy whose tunnel it went through'),
      address,
      port,
      serverName: z.string().exactOptional(),
      offered: z.object({
        minVersion: z.string(),
        maxVersion: z.string(),
        alpn: texts,
        hello: z.literal('post-quantum').exactOptional().describe('A key share that makes the ClientHello long'),
        helloOctets: count.exactOptional().describe('Octets of the ClientHello'),
      }),
      outcome: z.enum([
        'established',
        'alert',
        'reset',
        'closed',
        'timeout',
        'not-tls',
        'local-refusal',
        'aborted',
        'error',
      ]),
      alert: z
        .object({
          number: z.int(),
          name: z.string(),
          warning: z.literal(true).exactOptional().describe('Sent as a warning, which ends no handshake'),
        })
        .exactOptional()
        .describe('RFC 8446 §6'),
      firstOctets: z.string().exactOptional(),
      code: z.string().exactOptional(),
      bytesOut: count,
      bytesIn: count,
      version: z.string().exactOptional(),
      cipher: z.string().exactOptional(),
      alpn: z.string().exactOptional(),
      chain: z.array(certificate).describe('The leaf first'),
      sentCertificates: count,
      anchoredIn: z.array(z.enum(['node', 'machine', 'site'])),
      signaturesVerify: z.boolean(),
      nameMatches: z.boolean().exactOptional(),
      stapledOcsp: z.boolean(),
      clientCertificateRequested: z.literal(true).exactOptional(),
    }),
    z.object({
      ...observed,
      kind: z.literal('http-exchange'),
      through: z.string().exactOptional().describe('The proxy that it went to or through'),
      url: z.string(),
      address,
      method: z.enum(['GET', 'HEAD', 'POST', 'CONNECT']),
      showedCredentials: z
        .literal(true)
        .exactOptional()
        .describe('The proxy was told who asks; what it was told is nowhere'),
      outcome: z.enum(['response', 'not-http', 'reset', 'closed', 'timeout', 'too-large', 'aborted', 'error']),
      status: z.int().exactOptional(),
      headers: textByText,
      firstByteMs: ms.exactOptional(),
      body: z.object({
        kind: z.enum(['json', 'html', 'xml', 'text', 'binary', 'empty']),
        bytes: count,
        title: z.string().exactOptional(),
        members: textByText,
      }),
      firstOctets: z.string().exactOptional(),
      code: z.string().exactOptional(),
      upgrade: webSocketUpgrade.exactOptional(),
    }),
    z.object({
      ...observed,
      kind: z.literal('aia-fetch'),
      url: z.string(),
      outcome: z.enum([
        'certificate',
        'not-a-certificate',
        'wrong-issuer',
        'http-status',
        'unreachable',
        'timeout',
        'refused-address',
        'tool-limit',
        'aborted',
      ]),
      status: z.int().exactOptional(),
      subject: z.string().exactOptional(),
      detail: z.string().exactOptional(),
    }),
    z.object({
      ...observed,
      kind: z.literal('revocation-check'),
      method: z.enum(['crl', 'ocsp', 'staple']),
      url: z.string().exactOptional(),
      through: z.string().exactOptional().describe('The proxy that was asked for it, by its name in the site'),
      subject: z.string(),
      serial: z.string(),
      outcome: z.enum([
        'good',
        'revoked',
        'unknown-certificate',
        'stale',
        'not-yet-valid',
        'bad-signature',
        'other-certificate',
        'not-an-answer',
        'responder-refused',
        'http-status',
        'too-large',
        'unreachable',
        'timeout',
        'refused-address',
        'tool-limit',
        'aborted',
      ]),
      status: z.int().exactOptional(),
      thisUpdate: z.string().exactOptional(),
      nextUpdate: z.string().exactOptional(),
      revokedAt: z.string().exactOptional(),
      reason: z.string().exactOptional().describe('CRLReason (RFC 5280 §5.3.1)'),
      bytes: count.exactOptional().describe('Octets of what was fetched'),
      title: z.string().exactOptional().describe('Title of the page that came instead of an answer'),
      detail: z.string().exactOptional(),
    }),
    z.object({
      ...observed,
      kind: z.literal('tool-limit'),
      limit: z.enum([
        'no-probe-yet',
        'no-ipv4',
        'no-ipv6',
        'no-descriptors',
        'no-ports',
        'no-right',
        'budget',
        'question-budget',
        'aborted',
        'fault',
      ]),
      detail: z.string(),
    }),
  ])
  .meta({ id: 'Observation' })

const phaseMs = ms.nullable().describe('Milliseconds; null for a phase that was not reached or not needed')

export const flowReportSchema = schemaOf<FlowReport>()(
  z
    .object({
      ...flowShape,
      verdict: z.enum(verdictKinds),
      cause: cause.exactOptional(),
      confidence: z.enum(confidences),
      says: z.string().describe('What is so, and by which comparison it is known'),
      owner: z.enum(owners).exactOptional().describe('Whose turn it is'),
      fix: z.string().exactOptional().describe('What would mend it'),
      alternatives: z.array(cause).describe('Causes that the evidence does not exclude'),
      nextProbe: z.string().exactOptional().describe('What to run to exclude them'),
      decidedBy: texts.describe('Ids of the observations that decided'),
      learnt: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), texts])),
      evidence: z.array(observation),
      timing: z.object({ dnsMs: phaseMs, connectMs: phaseMs, tlsMs: phaseMs, firstByteMs: phaseMs }),
    })
    .meta({ id: 'FlowReport' }),
)

const finding = z
  .object({
    code: z.string(),
    severity: z.enum(severities),
    what: z.string(),
    where: z.object({
      file: z.string().exactOptional(),
      line: z.int().exactOptional(),
      flow: z.string().exactOptional(),
      target: z.string().exactOptional(),
    }),
    why: z.string(),
    next: z.string(),
    flows: texts,
  })
  .meta({ id: 'Finding' })

const catalog = z.object({
  asOf: z.string().describe('Date of the hybrid identity ports article that the catalog was read from'),
})
const postern = z.string().describe('The version of Postern that wrote this')
const names = textByText.describe('names: of the site file: where a name is served instead of in public')

export const checkReportSchema = schemaOf<CheckReport>()(
  z.object({
    postern,
    kind: z.literal('check'),
    site: z.string(),
    from: z.string().describe('The host of the site that this was checked from'),
    startedAt: time,
    durationMs: ms,
    interrupted: z.boolean().describe('True when the check ended before everything was asked'),
    leftOut: count.exactOptional().describe('Flows of this vantage that --flow left out; absent when it left none'),
    catalog,
    imitates: z.string().describe('Which client the probes imitate'),
    rights: texts,
    context: z
      .object({
        judgedAt: time,
        cloud: z.enum(clouds),
        domain: z.string().exactOptional(),
        trusted: texts.describe('SHA-256 fingerprints of the site’s own CAs'),
        names,
      })
      .describe('What the judgement knew besides the observations'),
    summary: z.object({
      open: count,
      blocked: count,
      degraded: count,
      wrong: count,
      unknown: count,
      notRun: count,
      notRequired: count,
      closed: count.describe('Flows that must be closed and are'),
      forbiddenOpen: count.describe('Flows that must be closed and are open'),
      elsewhere: count.describe('Flows that other machines open: never judged from here'),
      requiredNotProven: count,
    }),
    flows: z.array(flowReportSchema),
    findings: z.array(finding),
  }),
)

export const planReportSchema = schemaOf<PlanReport>()(
  z.object({
    postern,
    kind: z.literal('plan'),
    site: z.string(),
    cloud: z.enum(clouds),
    features: z.array(z.enum(features)),
    catalog,
    summary: z.object({
      required: count,
      conditional: count,
      recommended: count,
      optional: count,
      legacy: count,
      localOnly: count.describe('Flows inside one host: no rule may let them out'),
      mustBeClosed: count,
    }),
    flows: z.array(z.object(flowShape).meta({ id: 'Flow' })),
    names,
  }),
)

const origin = z.object({ site: z.string(), from: z.string(), startedAt: time })

export const compareReportSchema = schemaOf<CompareReport>()(
  z.object({
    postern,
    kind: z.literal('compare'),
    before: origin,
    after: origin,
    summary: z.object({
      same: count,
      broke: count,
      mended: count,
      changed: count,
      appeared: count,
      disappeared: count,
    }),
    changes: z.array(
      z.object({
        key: z.string().describe('Row, ends, name, address, port and transport, joined by |'),
        change: z.enum(['appeared', 'disappeared', 'broke', 'mended', 'changed']),
        before: flowReportSchema.exactOptional(),
        after: flowReportSchema.exactOptional(),
        differences: texts.describe('What differs, in words'),
      }),
    ),
    stillFailing: z
      .array(flowReportSchema)
      .describe('Flows that fail, or hurt, as they did before: no change, and not well'),
  }),
)

/** The documented shape of `postern check --json` as JSON Schema (2020-12). */
export function checkReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('check', 'What postern check --json prints and --compare reads', checkReportSchema)
}

/** The documented shape of `postern plan --json`. */
export function planReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('plan', 'What postern plan --json prints', planReportSchema)
}

/** The documented shape of `postern check --compare REPORT.json --json`. */
export function compareReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('compare', 'What postern check --compare --json prints', compareReportSchema)
}

/** A report's schema as it is published (JSON Schema 2020-12). */
export function jsonSchema(kind: string, description: string, schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    // What a reader may be given: keys of later versions are not refused.
    io: 'input',
    override: ({ jsonSchema: part }) => {
      delete part.id
      // Said of every whole number, and of use to nobody.
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum
      if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum
    },
  })
  return { ...($schema !== undefined && { $schema }), title: `Postern ${kind} report`, description, ...rest }
}
