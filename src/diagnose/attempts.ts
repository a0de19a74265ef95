import type {
  ConnectSeries,
  HttpExchange,
  NameLookup,
  Observation,
  PacketEvidence,
  PathTrace,
  ServiceExchange,
  TcpConnect,
  TlsHandshake,
  ToolLimit,
  UdpExchange,
} from '../model/observation.ts'

/** What can fail or work: all but what the tool itself said, and what packets, or a series, show of what was tried. */
type Tried = Exclude<Observation, PacketEvidence | ConnectSeries | PathTrace | ToolLimit>

/** The same question, put once or several times: what came of it. Attempts that were cut short count for nothing. */
export interface Attempts<O extends Tried> {
  readonly worked: readonly O[]
  readonly failed: readonly O[]
  readonly aborted: readonly O[]
}

/** How far a conversation goes: each phase needs the one before it; DNS and UDP services have one of their own. */
export type Phase = Stop['phase']

/** The phase in which the flow's own question ended without an answer, every time that it was put. */
export type Stop =
  | { readonly phase: 'name'; readonly failed: readonly NameLookup[] }
  /** To the proxy, where the flow goes through one, and the tunnel that it was asked for. */
  | { readonly phase: 'proxy'; readonly failed: readonly TcpConnect[] }
  | { readonly phase: 'tunnel'; readonly failed: readonly HttpExchange[] }
  | { readonly phase: 'connect'; readonly failed: readonly TcpConnect[] }
  | { readonly phase: 'tls'; readonly failed: readonly TlsHandshake[] }
  | { readonly phase: 'service'; readonly failed: readonly ServiceExchange[] }
  | { readonly phase: 'http'; readonly failed: readonly HttpExchange[] }
  | { readonly phase: 'dns'; readonly failed: readonly NameLookup[] }
  | { readonly phase: 'udp'; readonly failed: readonly UdpExchange[] }

/** The same phase failed some times and worked at others. */
export interface Wavering {
  readonly phase: Phase
  readonly failed: readonly Observation[]
  readonly worked: readonly Observation[]
}

/** Most phases of most flows: a check judges hundreds of them. */
const none: Attempts<never> = Object.freeze({ worked: [], failed: [], aborted: [] })

/** Sorts attempts by what came of them. */
export function attempts<O extends Tried>(asked: readonly O[], works: (one: O) => boolean): Attempts<O> {
  if (asked.length === 0) return none
  const sorted = { worked: [] as O[], failed: [] as O[], aborted: [] as O[] }
  for (const one of asked) {
    const end = one.outcome === 'aborted' ? 'aborted' : works(one) ? 'worked' : 'failed'
    sorted[end].push(one)
  }
  return sorted
}

const order = [
  'name',
  'proxy',
  'tunnel',
  'connect',
  'tls',
  'service',
  'http',
  'dns',
  'udp',
] as const satisfies readonly Phase[]

/** How a conversation ended. */
export interface Ended {
  readonly stop: Stop | undefined
  readonly wavering: Wavering | undefined
  readonly furthest: Phase | 'nothing'
}

/** The flow's own attempts, phase by phase. */
export interface Phases {
  readonly name: Attempts<NameLookup>
  readonly proxy: Attempts<TcpConnect>
  readonly tunnel: Attempts<HttpExchange>
  readonly connect: Attempts<TcpConnect>
  readonly tls: Attempts<TlsHandshake>
  readonly service: Attempts<ServiceExchange>
  readonly http: Attempts<HttpExchange>
  readonly dns: Attempts<NameLookup>
  readonly udp: Attempts<UdpExchange>
}

/** The highest phase that was asked decides: below it everything has worked. */
export function endOf(phases: Phases): Ended {
  const furthest = order.findLast((phase) => phases[phase].worked.length > 0) ?? 'nothing'
  const highest = order.findLast((phase) => phases[phase].worked.length + phases[phase].failed.length > 0)
  if (highest === undefined) return { stop: undefined, wavering: undefined, furthest }
  if (phases[highest].worked.length === 0) return { stop: stopAt(highest, phases), wavering: undefined, furthest }
  // Resolvers may disagree among themselves and the name still resolves; a repeated question that wavers does not pass.
  const lower = order.find(
    (phase) => phase !== 'name' && phases[phase].worked.length > 0 && failuresOf(phases, phase).length > 0,
  )
  const wavers = highest !== 'name' && highest !== 'dns' && failuresOf(phases, highest).length > 0 ? highest : lower
  if (wavers === undefined || wavers === 'dns') return { stop: undefined, wavering: undefined, furthest }
  return {
    stop: undefined,
    wavering: { phase: wavers, failed: failuresOf(phases, wavers), worked: phases[wavers].worked },
    furthest,
  }
}

/** What a limit of this machine kept from being sent is no failure beside an attempt that was made and worked. */
function failuresOf(phases: Phases, phase: Phase): readonly Observation[] {
  const { failed }: Attempts<Tried> = phases[phase]
  return failed.filter(({ outcome }) => outcome !== 'tool-limit')
}

function stopAt(phase: Phase, phases: Phases): Stop {
  switch (phase) {
    case 'name':
      return { phase, failed: phases.name.failed }
    case 'proxy':
      return { phase, failed: phases.proxy.failed }
    case 'tunnel':
      return { phase, failed: phases.tunnel.failed }
    case 'connect':
      return { phase, failed: phases.connect.failed }
    case 'tls':
      return { phase, failed: phases.tls.failed }
    case 'service':
      return { phase, failed: phases.service.failed }
    case 'http':
      return { phase, failed: phases.http.failed }
    case 'dns':
      return { phase, failed: phases.dns.failed }
    case 'udp':
      return { phase, failed: phases.udp.failed }
    default:
      return phase satisfies never
  }
}

/** Why a conversation was not finished though nothing failed, by what ended it. */
export interface Unfinished {
  /** The whole check was over, the time of this one question was, or the probe itself failed. */
  readonly by: 'check' | 'question' | 'fault'
  readonly says: string
  readonly decidedBy: readonly string[]
}

/** An attempt that was cut short above everything that worked, or a limit that kept it from being made. */
export function unfinishedBy(
  phases: Phases,
  furthest: Ended['furthest'],
  limits: readonly ToolLimit[],
): Unfinished | undefined {
  const reached = furthest === 'nothing' ? -1 : order.indexOf(furthest)
  const cut = order.find((phase, at) => {
    const { worked, failed, aborted } = phases[phase]
    return at > reached && aborted.length > 0 && worked.length + failed.length === 0
  })
  const during = cut === undefined ? '' : ` during ${phaseWords[cut]}`
  const aborted = cut === undefined ? [] : phases[cut].aborted.map(({ id }) => id)
  const fault = limits.find(({ limit }) => limit === 'fault')
  if (fault !== undefined) return { by: 'fault', says: fault.detail, decidedBy: [fault.id] }
  const spent = limits.find(({ limit }) => limit === 'question-budget')
  // A repetition that got as far as the first attempt meant to has answered the question.
  if (spent !== undefined && (cut !== undefined || furthest === 'nothing')) {
    return { by: 'question', says: `${spent.detail}${during}`, decidedBy: [...aborted, spent.id] }
  }
  if (cut !== undefined) return { by: 'check', says: `the check ended${during}`, decidedBy: aborted }
  const limit = limits.find((one) => one.limit === 'budget' || one.limit === 'aborted')
  return limit && { by: 'check', says: limit.detail, decidedBy: [limit.id] }
}

const phaseWords: Readonly<Record<Phase, string>> = {
  name: 'the name look-up',
  proxy: 'the connection to the proxy',
  tunnel: 'the wish for a tunnel',
  connect: 'the connection attempt',
  tls: 'the TLS handshake',
  service: 'the question of the service',
  http: 'the HTTP request',
  dns: 'the DNS question',
  udp: 'the UDP exchange',
}
