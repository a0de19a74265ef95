import { causeRows } from '../src/diagnose/index.ts'
import type { CauseCode } from '../src/model/cause.ts'
import type { Flow, Necessity } from '../src/model/flow.ts'
import { flowKey } from '../src/model/flow.ts'
import type { FlowReport } from '../src/model/report.ts'
import { leaningOf, titleOf } from '../src/watch/incident/leaningOf.ts'
import type { Leaning, Standing } from '../src/watch/news.ts'

/** A flow of the small site that incidents are tried on, with what it rests on besides its plan. */
export interface WatchedFlow {
  readonly flow: Flow
  readonly key: string
  readonly title: string
  readonly on: Leaning
}

interface Place {
  readonly to: string
  readonly port: number
  readonly address?: string
  readonly name?: string
  readonly pattern?: string
  readonly via?: string
  readonly necessity?: Necessity
  readonly expect?: Flow['expect']
  readonly certificate?: string
  readonly issuer?: string
  readonly stopsAt?: string
}

const isOutside = ({ address, name }: Place): boolean => address === undefined && name !== undefined

function watched(place: Place): WatchedFlow {
  const { to, port, address, name, pattern, via, necessity = 'required', expect = 'open' } = place
  const flow: Flow = {
    flow: `f${port}`,
    from: 'connect01',
    fromRole: 'entra-connect',
    fromAddresses: ['10.1.0.10'],
    to,
    toRole: isOutside(place) ? 'entra-id' : 'domain-controller',
    target: {
      ...(name === undefined ? { name: `${to}.corp.example` } : { name }),
      ...(pattern === undefined ? {} : { pattern }),
      ...(address === undefined ? {} : { address }),
      port,
      transport: 'tcp',
      service: 'tls',
    },
    ...(via === undefined ? {} : { via }),
    necessity,
    expect,
    direction: isOutside(place) ? 'outbound-internet' : 'internal',
    table: '1',
    purpose: 'is watched',
    requiredWhen: 'always',
    features: [],
    unsettled: [],
    notes: [],
    source: 'a test',
  }
  const { certificate, issuer } = place
  return {
    flow,
    key: flowKey(flow),
    title: titleOf(flow),
    on: {
      ...leaningOf(flow),
      ...(via === undefined ? {} : { proxyAt: '10.1.0.9:3128' }),
      ...(via === undefined && address === undefined ? { resolver: '10.1.0.53:53' } : {}),
      ...(certificate === undefined ? {} : { certificate }),
      ...(issuer === undefined ? {} : { issuer }),
    },
  }
}

const ports = [88, 135, 389, 445, 636] as const

function controller(to: string, address: string): readonly WatchedFlow[] {
  const issuer = 'CN=Corp CA'
  return [
    ...ports.map((port) =>
      watched({ to, port, address, ...(port === 636 ? { certificate: `leaf-${to}`, issuer } : {}) }),
    ),
    watched({ to, port: 3269, address, certificate: `leaf-${to}`, issuer }),
  ]
}

const cloud = (name: string, parts: Partial<Place> = {}): WatchedFlow =>
  watched({ to: 'entra-id', port: 443, name, certificate: `leaf-${name}`, issuer: 'CN=Public CA', ...parts })

/** Two controllers here, three machines behind a router, a proxy, and names outside: some direct, some through the proxy. */
export const watchedSite: readonly WatchedFlow[] = [
  ...controller('dc01', '10.1.0.5'),
  ...controller('dc02', '10.1.0.6'),
  ...controller('dc03', '10.9.0.5'),
  ...controller('dc04', '10.9.0.6'),
  watched({ to: 'app09', port: 8443, address: '10.9.0.7', necessity: 'optional' }),
  watched({ to: 'proxy01', port: 3128, address: '10.1.0.9' }),
  cloud('login.microsoftonline.com'),
  cloud('login.windows.net'),
  cloud('a1.servicebus.windows.net', { pattern: '*.servicebus.windows.net' }),
  cloud('a1.msappproxy.net', { pattern: '*.msappproxy.net' }),
  cloud('graph.microsoft.com', { via: 'egress' }),
  cloud('aadcdn.msauth.net', { via: 'egress' }),
  cloud('adminwebservice.microsoftonline.com', { via: 'egress' }),
  cloud('management.azure.com', { via: 'egress' }),
  watched({ to: 'dc01', port: 8443, address: '10.1.0.5', expect: 'closed', necessity: 'recommended' }),
]

export function flowTo(host: string, port: number): WatchedFlow {
  const found = watchedSite.find(
    ({ on, flow }) => (on.host === host || flow.target.name === host) && flow.target.port === port,
  )
  if (found === undefined) throw new Error(`no flow to ${host}:${port}`)
  return found
}

/** What a check says of a flow that fails by a cause, or that is well. */
export function lookAt({ flow, on }: WatchedFlow, cause: CauseCode | undefined): FlowReport {
  const isShut = flow.expect === 'closed'
  const row = cause === undefined ? undefined : causeRows[cause]
  return {
    ...flow,
    verdict: row?.verdict ?? (isShut ? 'blocked' : 'open'),
    ...(cause === undefined ? {} : { cause }),
    confidence: 'likely',
    says: `${on.port} on ${on.host} ${cause ?? 'answers'}`,
    ...(row === undefined ? {} : { owner: row.owner, fix: row.fix }),
    alternatives: [],
    decidedBy: [],
    learnt: {},
    evidence: [],
    timing: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null },
  }
}

export function standingAt(
  { key, title, flow, on }: WatchedFlow,
  look: { readonly isWell: boolean; readonly at: number; readonly wellAt?: number },
): Standing {
  return { subject: key, title, expect: flow.expect, on, ...look }
}
