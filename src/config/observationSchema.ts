import { z } from 'zod'
import { variations } from '../model/observation.ts'
import { serviceQuestions } from '../model/serviceAnswer.ts'
import { address, count, ms, offsetMs, port, textByText, texts, time } from './scalars.ts'
import { serviceAnswerSchema } from './serviceAnswerSchema.ts'

const observed = {
  id: z.string().describe('Unique in one report'),
  role: z.enum(['probe', 'repeat', 'control', 'posture', 'context']),
  varies: z.enum(variations).exactOptional().describe('What a control varies against its probe'),
  at: time,
  ms,
  ownLagMs: ms.exactOptional().describe('For how much of that Postern itself was kept from looking'),
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
    extendedKeyUsage: texts.exactOptional().describe('What the key may be used for, as object identifiers'),
    caIssuers: texts,
    selfSigned: z.boolean(),
    key: z
      .object({ type: z.string(), bits: count.exactOptional(), curve: z.string().exactOptional() })
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
      offsetMs: offsetMs.exactOptional().describe('The server’s clock less this machine’s, in milliseconds'),
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

const signInRequest = z
  .object({
    protocol: z.enum(['openid-connect', 'ws-federation', 'saml']),
    by: z.enum(['redirect', 'form', 'meta-refresh']),
    endpoint: z.string().describe('Where the browser is sent, without the query'),
    clientId: z.string().exactOptional(),
    redirectUri: z.string().exactOptional(),
    responseType: z.string().exactOptional(),
    responseMode: z.string().exactOptional(),
    scopes: texts.exactOptional(),
  })
  .meta({ id: 'SignInRequest', description: 'Where an own app sends a browser to sign in; no state, no nonce' })

const farewell = z
  .object({
    heldMs: ms.exactOptional().describe('How long nobody said anything before, in milliseconds'),
    bytesOut: count,
    bytesIn: count,
    outcome: z.enum(['ended', 'reset', 'lost', 'silence', 'aborted']),
  })
  .meta({ id: 'Farewell', description: 'What came of a connection that was left again with next to nothing said' })

const segmentSeen = z.object({
  ttl: z.int().describe('What was left of the time to live'),
  afterMs: ms.describe('Since the last SYN before it'),
})

/** What was seen, by kind: `src/model/observation.ts` says what each field is for. */
export const observationSchema = z
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
      firstOctets: z.string().exactOptional(),
      listener: z.string().exactOptional().describe('The banner of postern listen, where that answered instead'),
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
      localPort: port.exactOptional(),
      proxy: z.string().exactOptional().describe('The proxy that was dialled, by its name in the site'),
      farewell: farewell.exactOptional(),
    }),
    z.object({
      ...observed,
      kind: z.literal('udp-exchange'),
      address,
      port,
      outcome: z.enum(['answer', 'timeout', 'refused', 'unreachable', 'tool-limit', 'aborted', 'error']),
      code: z.string().exactOptional(),
      refusalUnheard: z
        .literal(true)
        .exactOptional()
        .describe('A silence that may be a refusal, which this platform does not pass on (Windows)'),
      bytesOut: count,
      bytesIn: count,
      listener: z.string().exactOptional().describe('The banner of postern listen, where that answered instead'),
      time: timeAnswer.exactOptional(),
      asked: z.enum(serviceQuestions).exactOptional().describe('In the service’s own protocol'),
      of: z.string().exactOptional().describe('What it was asked about'),
      answer: serviceAnswerSchema.exactOptional(),
      detail: z.string().exactOptional().describe('Why what came is no answer to the question'),
    }),
    z.object({
      ...observed,
      kind: z.literal('service-exchange'),
      through: z.string().exactOptional().describe('The proxy whose tunnel it went through'),
      address,
      port,
      inTls: z.literal(true).exactOptional(),
      asked: z.enum(serviceQuestions),
      of: z.string().exactOptional().describe('What it was asked about: a realm, an interface, a domain'),
      outcome: z.enum(['answer', 'other-protocol', 'reset', 'closed', 'timeout', 'aborted', 'error']),
      code: z.string().exactOptional(),
      bytesOut: count,
      bytesIn: count,
      firstOctets: z.string().exactOptional(),
      answer: serviceAnswerSchema.exactOptional(),
      detail: z.string().exactOptional().describe('Why what came is no answer to the question'),
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
      bytesIn: count
        .exactOptional()
        .describe('Octets that had come of an answer that was never whole; absent where none came'),
      code: z.string().exactOptional(),
      upgrade: webSocketUpgrade.exactOptional(),
      answer: serviceAnswerSchema.exactOptional(),
      signIn: signInRequest.exactOptional(),
    }),
    z.object({
      ...observed,
      kind: z.literal('aia-fetch'),
      url: z.string(),
      through: z.string().exactOptional().describe('The proxy that was asked for it, by its name in the site'),
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
      bytesIn: count.exactOptional().describe('Octets that had come of an answer that was not whole in time'),
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
      bytesIn: count.exactOptional().describe('Octets that had come of an answer that was not whole in time'),
      title: z.string().exactOptional().describe('Title of the page that came instead of an answer'),
      detail: z.string().exactOptional(),
    }),
    z.object({
      ...observed,
      kind: z.literal('packet-evidence'),
      of: z.string().describe('The attempt: id of a tcp-connect or a udp-exchange'),
      address,
      port,
      transport: z.enum(['tcp', 'udp']),
      sent: count.describe('SYNs or datagrams that left this machine'),
      synAck: segmentSeen.exactOptional(),
      rst: segmentSeen
        .extend({ before: z.enum(['syn-ack', 'payload', 'end']).describe('How far the connection was') })
        .exactOptional()
        .describe('The first reset that came'),
      ownRst: z.literal(true).exactOptional().describe('This machine refused what came'),
      icmp: z
        .array(
          z.object({
            from: z.string().describe('The device that says so'),
            family: z.union([z.literal(4), z.literal(6)]),
            type: count,
            code: count,
            mtu: count.exactOptional(),
          }),
        )
        .describe('Errors about packets of the attempt (RFC 792, RFC 4443)'),
      resent: count.exactOptional().describe('Segments with payload that were sent more than once'),
      lost: count.exactOptional().describe('Packets that the kernel dropped during the whole capture'),
    }),
    z.object({
      ...observed,
      kind: z.literal('connect-series'),
      address,
      port,
      asked: z.enum(['loss', 'rate']),
      perSecond: z.number().min(0).describe('Connections a second that were meant'),
      outcome: z.enum(['whole', 'aborted', 'tool-limit']),
      sent: count.describe('All that the following numbers count'),
      prompt: count.describe('Stood by the first SYN'),
      repeated: count.describe('Stood by a SYN that was sent again'),
      late: count.describe('Stood late, and at no time at which a SYN is sent again'),
      lost: count.describe('Had no answer within the time-out'),
      refused: count.describe('Refused, reset or unreachable'),
      missedByTenth: z.array(count).describe('Repeated and lost ones in each tenth of the series'),
      roundTripMs: z
        .object({ least: ms, median: ms, p95: ms, most: ms })
        .exactOptional()
        .describe('How long those took that stood by the first SYN'),
    }),
    z.object({
      ...observed,
      kind: z.literal('path-trace'),
      tool: z.enum(['traceroute', 'tracert']),
      address,
      sent: z.enum(['tcp-syn', 'udp', 'icmp-echo']).describe('What was sent; an echo asks no port'),
      port: port.exactOptional(),
      hops: z
        .array(
          z.object({
            ttl: count.describe('Time to live, from 1; more than one may have answered to the same'),
            address: z.string().exactOptional().describe('Who answered; absent where nobody did'),
            ms: ms.exactOptional(),
            says: z
              .enum(['net-unreachable', 'host-unreachable', 'prohibited', 'unreachable'])
              .exactOptional()
              .describe('Why it goes no further, where it said that'),
          }),
        )
        .describe('Hops in their order; of those that are silent to the end the first stands for all'),
      outcome: z.enum(['reached', 'stopped', 'silent', 'hop-limit', 'cut-short']),
      reply: z.enum(['syn-ack', 'reset']).exactOptional().describe('How the address itself answered a SYN'),
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
