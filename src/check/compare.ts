import type { CertificateFacts } from '../model/certificateFacts.ts'
import { commandLine, flowKey } from '../model/flow.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { CheckReport, ComparedCheck, CompareReport, FlowChange, FlowReport, Timing } from '../model/report.ts'

/**
 * Tells what is not alike in two check reports, in the order of the later one; what is gone comes last.
 *
 * Flows are paired by {@link flowKey}; those left over by the same without the address, since a name may have moved.
 * Where the reports were taken from different hosts, the host is left out of the key: two vantage points are compared
 * by what each of them reaches. What the later check was not to ask is counted apart: only what its plan no longer has
 * is gone.
 *
 * @param postern the version that compares, for the report
 * @param withTiming false leaves durations out: of checks that follow each other closely, one slow answer says nothing
 */
export function compareReports(
  before: CheckReport,
  after: CheckReport,
  postern: string,
  withTiming = true,
): CompareReport {
  const pairs = pairFlows(before, after)
  const gone = new Set(before.flows)
  const changes: FlowChange[] = []
  const stillFailing: FlowReport[] = []
  let same = 0
  for (const flow of after.flows) {
    const earlier = pairs.get(flow)
    if (earlier === undefined) {
      changes.push({ key: flowKey(flow), change: 'appeared', after: flow, differences: [`now ${flow.verdict}`] })
      continue
    }
    gone.delete(earlier)
    const differences = differencesOf(earlier, flow, withTiming)
    if (differences.length > 0) {
      changes.push({ key: flowKey(flow), change: changeOf(earlier, flow), before: earlier, after: flow, differences })
      continue
    }
    same += 1
    if ((rankOf(flow) ?? well) < well) stillFailing.push(flow)
  }
  const wasAsked = asking(before, after)
  const notAsked: string[] = []
  for (const flow of gone) {
    if (!wasAsked(flow)) {
      notAsked.push(flowKey(flow))
      continue
    }
    changes.push({ key: flowKey(flow), change: 'disappeared', before: flow, differences: [`was ${flow.verdict}`] })
  }
  const count = (change: FlowChange['change']) => changes.filter((each) => each.change === change).length
  return {
    postern,
    kind: 'compare',
    before: originOf(before),
    after: originOf(after),
    summary: {
      same,
      broke: count('broke'),
      mended: count('mended'),
      changed: count('changed'),
      appeared: count('appeared'),
      disappeared: count('disappeared'),
    },
    changes,
    stillFailing,
    ...(notAsked.length > 0 && { notAsked }),
  }
}

/**
 * Whether the later check was to ask what the earlier one did, had its plan had it. TARGETs are asked alone, another
 * host opens other flows, and `--flow` chooses by the row; a target that was typed then is in no plan at all.
 */
function asking(before: CheckReport, after: CheckReport): (earlier: FlowReport) => boolean {
  const isTyped = ({ source }: FlowReport): boolean => source === commandLine
  if (before.from !== after.from || after.flows.some(isTyped)) return () => false
  const chosen = (after.leftOut ?? 0) > 0 ? new Set(after.flows.map(({ flow }) => flow)) : undefined
  return (earlier) => !isTyped(earlier) && (chosen === undefined || chosen.has(earlier.flow))
}

function originOf({ site, from, startedAt, context: { names } }: CheckReport): ComparedCheck {
  return { site, from, startedAt, names }
}

/** Each later flow with the earlier one that it is compared to; every flow is used once. */
function pairFlows(before: CheckReport, after: CheckReport): ReadonlyMap<FlowReport, FlowReport> {
  const oneVantage = before.from === after.from
  const seenFromAnywhere = (flow: FlowReport) => (oneVantage ? flow : { ...flow, from: '' })
  const exactly = (flow: FlowReport) => flowKey(seenFromAnywhere(flow))
  const wherever = (flow: FlowReport) => {
    const { address: _, ...target } = flow.target
    return flowKey({ ...seenFromAnywhere(flow), target })
  }
  const pairs = new Map<FlowReport, FlowReport>()
  const left = new Set(before.flows)
  for (const keyOf of [exactly, wherever]) {
    const waiting = new Map<string, FlowReport[]>()
    for (const flow of left) {
      const key = keyOf(flow)
      const queue = waiting.get(key)
      if (queue === undefined) waiting.set(key, [flow])
      else queue.push(flow)
    }
    for (const flow of after.flows) {
      if (pairs.has(flow)) continue
      const earlier = waiting.get(keyOf(flow))?.shift()
      if (earlier === undefined) continue
      pairs.set(flow, earlier)
      left.delete(earlier)
    }
  }
  return pairs
}

/** The rank of a flow that stands as it should. */
export const well = 2

/**
 * How well a flow stands; undefined when it was not asked. A flow that must be closed stands well when it is.
 */
export function rankOf({ verdict, expect }: Pick<FlowReport, 'verdict' | 'expect'>): number | undefined {
  switch (verdict) {
    case 'open':
      return expect === 'open' ? 2 : 0
    case 'degraded':
      return expect === 'open' ? 1 : 0
    case 'blocked':
      return expect === 'open' ? 0 : 2
    case 'wrong':
    case 'unknown':
      return 0
    case 'not-run':
    case 'not-required':
      return undefined
    default:
      return verdict satisfies never
  }
}

function changeOf(before: FlowReport, after: FlowReport): 'broke' | 'mended' | 'changed' {
  const [was, is] = [rankOf(before), rankOf(after)]
  if (was === undefined || is === undefined || was === is) return 'changed'
  return is < was ? 'broke' : 'mended'
}

function differencesOf(before: FlowReport, after: FlowReport, withTiming: boolean): readonly string[] {
  const [earlier, later] = [probedHandshake(before), probedHandshake(after)]
  return [
    ...differs('expected', before.expect, after.expect),
    ...differs('verdict', before.verdict, after.verdict),
    ...differs('cause', before.cause ?? 'none', after.cause ?? 'none'),
    ...differs('address', before.target.address ?? 'none', after.target.address ?? 'none'),
    ...certificateDifferences(earlier?.chain[0], later?.chain[0]),
    ...(earlier?.version !== undefined && later?.version !== undefined
      ? differs('TLS version', earlier.version, later.version)
      : []),
    ...(withTiming ? timingDifferences(before.timing, after.timing) : []),
  ]
}

function differs(what: string, before: string, after: string): readonly string[] {
  return before === after ? [] : [`${what} ${before} -> ${after}`]
}

/** The last handshake of the flow's own question: controls and what other flows showed speak of other things. */
function probedHandshake({ evidence }: FlowReport): TlsHandshake | undefined {
  return evidence.filter((seen) => seen.kind === 'tls-handshake').findLast(({ role }) => role === 'probe')
}

/** A certificate that only one report has shows as a change of verdict; here two are held against each other. */
function certificateDifferences(
  before: CertificateFacts | undefined,
  after: CertificateFacts | undefined,
): readonly string[] {
  if (before === undefined || after === undefined || before.sha256 === after.sha256) return []
  return [
    `certificate ${before.sha256.slice(0, 16)} -> ${after.sha256.slice(0, 16)} (SHA-256)`,
    ...differs('certificate issuer', before.issuer, after.issuer),
    ...differs('certificate valid until', before.notAfter.slice(0, 10), after.notAfter.slice(0, 10)),
  ]
}

const timedPhases: readonly (readonly [keyof Timing, string])[] = [
  ['dnsMs', 'name'],
  ['connectMs', 'connect'],
  ['tlsMs', 'TLS'],
  ['firstByteMs', 'first byte'],
]

/** Times vary from one run to the next: only a change by a factor of three that is also one of 50 ms is told. */
const leastFactor = 3
const leastDifferenceMs = 50

function timingDifferences(before: Timing, after: Timing): readonly string[] {
  return timedPhases.flatMap(([phase, word]) => {
    const [was, is] = [before[phase], after[phase]]
    if (was === null || is === null) return []
    const [less, more] = [Math.min(was, is), Math.max(was, is)]
    if (more < less * leastFactor || more - less < leastDifferenceMs) return []
    return [`${word} ${Math.round(was)} ms -> ${Math.round(is)} ms`]
  })
}
