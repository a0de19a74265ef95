import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { RecordedEvent } from '../src/model/event.ts'
import type { Alert, Incident } from '../src/model/incident.ts'
import { createOutletNet } from '../src/net/outletNet.ts'
import type { OpenOutlet } from '../src/outlets/openOutlets.ts'
import { openOutlet } from '../src/outlets/openOutlets.ts'
import type { OutletTools } from '../src/outlets/outlet.ts'
import type { MadeCertificate } from './pki.ts'
import { makeCertificate } from './pki.ts'

/** What a receiver was sent. */
export interface Received {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** The places of others that outlets post to. */
const places = [
  ...['hooks.slack.com', 'prod.westeurope.logic.azure.com', 'events.pagerduty.com', 'events.eu.pagerduty.com'],
  ...['api.opsgenie.com', 'api.eu.opsgenie.com', 'alerts.corp.example', 'collector.corp.example'],
]

export const secretsInTests: Readonly<Record<string, string>> = {
  'env:SLACK': 'https://hooks.slack.com/services/T0000POISON/B000POISON/POISONpoisonPOISON',
  'env:OTHER': 'https://other.partner.example/POISON4711',
  'env:TEAMS': 'https://prod.westeurope.logic.azure.com/workflows/POISON4711/triggers?sig=POISON-0815-poison',
  'env:KEY': 'POISON4711POISON4711POISON4711xx',
  'env:HMAC': 'POISON-hmac-4711',
  'env:BEARER': 'Bearer POISON-bearer-4711',
  'env:SMTP': 'postern:POISON-smtp-4711',
}

let pki: Promise<{ readonly root: MadeCertificate; readonly leaf: MadeCertificate }> | undefined

/** A root, and a leaf of it for all places; made once for a file of tests. */
export function placesPki() {
  pki ??= makeCertificate({ subject: 'CN=Test Root', ca: true }).then(async (root) => {
    const names = [...places, 'mail.corp.example', 'siem.corp.example'].map(
      (value) => ({ type: 'dns', value }) as const,
    )
    return { root, leaf: await makeCertificate({ subject: 'CN=places', issuer: root, servesTls: true, names }) }
  })
  return pki
}

/** What outlets get from outside; everything is led to one port of this machine. */
export async function toolsTo(
  t: TestContext,
  port: number,
  over: Partial<OutletTools> & { readonly trusts?: boolean } = {},
): Promise<OutletTools> {
  const { trusts = true, ...rest } = over
  const ending = new AbortController()
  const { root } = await placesPki()
  const net = createOutletNet({
    names: Object.fromEntries(
      [...places, 'mail.corp.example', 'siem.corp.example'].map((name) => [name, `127.0.0.1:${port}`]),
    ),
    trust: trusts ? [root.pem] : [],
    userAgent: 'postern/1.2.3',
    ownName: 'watcher.corp.example',
    signal: ending.signal,
  })
  t.after(async () => {
    ending.abort()
    await net.close()
  })
  return {
    net,
    secret: async (reference) => {
      const ok = secretsInTests[reference]
      return ok === undefined ? { why: `${reference} is not set` } : { ok }
    },
    append: async () => ({ why: 'no file is written in this test' }),
    now: () => 1_800_000_000_000,
    version: '1.2.3',
    ...rest,
  }
}

/** A server for all places that answers as it is told, and keeps what came. */
export async function openReceiver(t: TestContext, answer: (response: ServerResponse, asked: Received) => void) {
  const { leaf } = await placesPki()
  const received: Received[] = []
  const server = createServer({ key: leaf.keyPem, cert: leaf.pem }, (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.once('end', () => {
      const { method = '', headers, url = '' } = request
      const body = Buffer.concat(parts).toString()
      const asked = { method, host: headers.host ?? '', path: url, headers, body }
      received.push(asked)
      answer(response, asked)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening', { signal: t.signal })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { received, port: (server.address() as AddressInfo).port }
}

/** An outlet of a kind with its settings, which has to open. */
export async function openedOutlet(
  kind: string,
  settings: Readonly<Record<string, unknown>>,
  tools: OutletTools,
): Promise<OpenOutlet> {
  const opened = await openOutlet({ name: 'test', kind, takes: ['alerts'], settings }, tools)
  if ('why' in opened) assert.fail(opened.why)
  return opened.ok
}

export const anIncident: Incident = {
  id: '0198c000-0000-7000-8000-000000000001',
  state: 'open',
  suspect: { kind: 'host', name: 'dc01.corp.example' },
  cause: 'filtered-silently',
  confidence: 'likely',
  severity: 'high',
  owner: 'firewall',
  says: '636/tcp on dc01 is dropped on the path; 389, 88 and 445 on the same host answer',
  fix: 'allow tcp 10.1.0.10 -> 10.1.0.5:636',
  since: Date.UTC(2026, 0, 31, 9),
  confirmedAt: Date.UTC(2026, 0, 31, 9, 0, 10),
  lastSeenAt: Date.UTC(2026, 0, 31, 9, 1),
  flaps: 0,
  consequences: Array.from({ length: 7 }, (_, at) => ({
    subject: `t1-ldaps|${at}`,
    title: `t1-ldaps connect01 -> dc01:63${at}/tcp`,
    since: Date.UTC(2026, 0, 31, 9),
    cause: 'filtered-silently',
    says: 'no answer',
  })),
  confirmedBy: { looks: 4, vantages: [] },
  notes: [],
}

export function anAlert(over: Partial<Alert> = {}, incident: Partial<Incident> = {}): Alert {
  return {
    id: '0198c000-0000-7000-8000-00000000000a',
    at: Date.UTC(2026, 0, 31, 9, 1),
    reason: 'opened',
    site: 'hq',
    from: 'connect01',
    incident: { ...anIncident, ...incident },
    url: 'https://watch.corp.example/incidents/1',
    ...over,
  }
}

/** An alert of which every text is that of an attacker. */
export function hostileAlert(text: string, over: Partial<Alert> = {}): Alert {
  const consequence = { subject: text, title: text, since: 0, cause: 'refused', says: text } as const
  return anAlert(
    { site: text, from: text, url: `https://a.example/${text}`, ...over },
    {
      suspect: { kind: 'host', name: text },
      ...{ says: text, fix: text, consequences: Array.from({ length: 40 }, () => consequence) },
    },
  )
}

export function anEvent(over: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    kind: 'authentication',
    activity: 'sign-in',
    outcome: 'denied',
    reason: 'token-expired',
    actor: {
      kind: 'user',
      tenantId: '11111111-2222-3333-4444-555555555555',
      objectId: '99999999-2222-3333-4444-555555555555',
    },
    src: { address: '10.2.0.7', port: 50_123 },
    dst: { address: '10.1.0.20', port: 8443 },
    traceId: '0af7651916cd43dd8448eb211c80319c',
    http: { method: 'GET', host: 'payroll.corp.example', path: '/reports', status: 401 },
    route: 'reports',
    time: '2026-01-31T09:00:00.000Z',
    uid: '0198c000-0000-7000-8000-0000000000e1',
    chain: 'ab'.repeat(32),
    ...over,
  }
}

/** Whether a text holds a part of any secret of these tests. */
export function holdsPoison(value: unknown): boolean {
  return JSON.stringify(value)?.toLowerCase().includes('poison') ?? false
}
