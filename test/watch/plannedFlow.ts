import type { Flow } from '../../src/model/flow.ts'
import type { CheckReport, FlowReport } from '../../src/model/report.ts'

/** A flow of a plan, to port 636 of a host by its name; fields are altered one by one. */
export function plannedFlow(to: string, id: string, altered: Partial<Flow> = {}): Flow {
  return {
    flow: id,
    from: 'here',
    fromRole: 'entra-connect',
    fromAddresses: [],
    to,
    toRole: 'domain-controller',
    target: { name: `${to}.corp.example`, port: 636, transport: 'tcp', service: 'ldaps' },
    necessity: 'required',
    expect: 'open',
    direction: 'internal',
    table: 'own',
    purpose: 'a test',
    requiredWhen: 'always',
    features: [],
    unsettled: [],
    notes: [],
    source: 'a test',
    ...altered,
  }
}

/** How a look at it ended, at the address 10.1.0.5. */
export function reportOf(flow: Flow, told: Partial<FlowReport> = {}): FlowReport {
  return {
    ...flow,
    target: { ...flow.target, address: '10.1.0.5' },
    verdict: 'open',
    confidence: 'certain',
    says: 'it answers',
    alternatives: [],
    decidedBy: [],
    learnt: {},
    evidence: [],
    timing: { dnsMs: 1, connectMs: 2.5, tlsMs: null, firstByteMs: 4 },
    ...told,
  }
}

export const refused: Partial<FlowReport> = {
  verdict: 'blocked',
  cause: 'refused',
  owner: 'host',
  says: 'it refuses',
  timing: { dnsMs: 1, connectMs: null, tlsMs: null, firstByteMs: null },
}

/** A look, as `check` tells it. */
export function checkReport(at: number, flows: readonly FlowReport[]): CheckReport {
  return {
    postern: '0',
    kind: 'check',
    site: 'hq',
    from: 'here',
    startedAt: new Date(at).toISOString(),
    durationMs: 1,
    interrupted: false,
    catalog: { asOf: '2026-01-01' },
    imitates: 'nothing',
    rights: ['connect'],
    context: { judgedAt: new Date(at).toISOString(), cloud: 'worldwide', trusted: [], names: {} },
    summary: {
      open: 0,
      blocked: 0,
      degraded: 0,
      wrong: 0,
      unknown: 0,
      notRun: 0,
      notRequired: 0,
      closed: 0,
      forbiddenOpen: 0,
      elsewhere: 0,
      requiredNotProven: 0,
    },
    flows,
    findings: [],
  }
}
