import { summaryOf } from '../src/diagnose/summaryOf.ts'
import type { Flow, FlowTarget } from '../src/model/flow.ts'
import type { CheckReport, FlowReport, PlanReport, Timing } from '../src/model/report.ts'
import { at, handshakeOf, sampleEvidence, sampleLeaf } from './sampleEvidence.ts'
import { flowOf, sampleFlows } from './sampleFlows.ts'

/** Reports for tests: small, whole, and with one of everything. */

/** A plan with flows of several hosts, patterns, ranges, conditions, a local one, and two that must be closed. */
export const samplePlan: PlanReport = {
  postern: '0.1.0',
  kind: 'plan',
  site: 'hq',
  cloud: 'worldwide',
  features: ['password-hash-sync', 'pass-through-auth', 'password-writeback', 'ldaps'],
  catalog: { asOf: '2025-04-09' },
  summary: { required: 10, conditional: 2, recommended: 0, optional: 1, legacy: 0, localOnly: 0, mustBeClosed: 2 },
  flows: Object.values(sampleFlows),
  names: { 'login.microsoftonline.com': '127.0.0.1:9443' },
}

const noTiming: Timing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null }

/** A flow that was proven open, or with what is given instead. */
export function flowReportOf(flow: Flow, parts: Partial<FlowReport> = {}): FlowReport {
  return {
    ...flow,
    verdict: 'open',
    confidence: 'certain',
    says: 'the service answers as it must',
    alternatives: [],
    decidedBy: [],
    learnt: {},
    evidence: [],
    timing: noTiming,
    ...parts,
  }
}

/** A check report around sampleFlows. */
export function checkReportOf(list: readonly FlowReport[], parts: Partial<CheckReport> = {}): CheckReport {
  return {
    postern: '0.1.0',
    kind: 'check',
    site: 'hq',
    from: 'connect01',
    startedAt: at(0),
    durationMs: 6012,
    interrupted: false,
    catalog: { asOf: '2025-04-09' },
    imitates: 'tls1.2 schannel-like, no proxy',
    rights: ['connect'],
    context: {
      judgedAt: at(6012),
      cloud: 'worldwide',
      domain: 'corp.example',
      trusted: [],
      names: { 'login.microsoftonline.com': '127.0.0.1:9443' },
    },
    summary: summaryOf(list, 0),
    flows: list,
    findings: [],
    ...parts,
  }
}

const checked: readonly FlowReport[] = [
  flowReportOf(sampleFlows.dns, {
    says: 'dc01 answers for corp.example with authority',
    evidence: sampleEvidence.dns,
    decidedBy: ['e1'],
    timing: { ...noTiming, firstByteMs: 1.2 },
    learnt: { authoritative: true },
  }),
  flowReportOf(sampleFlows.kerberos, {
    confidence: 'possible',
    says: '88/tcp on dc01 accepts connections; that the service behind it is Kerberos is not proven',
    timing: { ...noTiming, connectMs: 0.7 },
  }),
  flowReportOf(sampleFlows.kerberosUdp, {
    verdict: 'not-run',
    confidence: 'undetermined',
    says: 'no probe yet: kerberos over UDP: silence would prove nothing',
    evidence: sampleEvidence.udp,
  }),
  flowReportOf(sampleFlows.ldap, { timing: { ...noTiming, connectMs: 0.6 } }),
  flowReportOf(sampleFlows.ldaps, {
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    says: '636/tcp on dc01 is dropped on the path; 389, 88 and 445 on the same host answer',
    owner: 'firewall',
    fix: 'allow tcp 10.1.0.10 -> 10.1.0.5:636',
    alternatives: ['no-route'],
    nextProbe: 'run with --capture on dc01: does the SYN arrive?',
    evidence: sampleEvidence.ldaps,
    decidedBy: ['e2', 'e4', 'e5'],
  }),
  flowReportOf(sampleFlows.rpc, {
    verdict: 'not-run',
    confidence: 'undetermined',
    says: 'no probe yet: a range is never scanned; its mapped port is asked of the endpoint mapper',
  }),
  flowReportOf(sampleFlows.login, {
    says: 'OpenID configuration of contoso.onmicrosoft.com, genuine certificate',
    timing: { dnsMs: null, connectMs: 0.4, tlsMs: 12.3, firstByteMs: 4.1 },
    learnt: { issuer: 'https://login.microsoftonline.com/contoso/v2.0' },
  }),
  flowReportOf(
    { ...sampleFlows.adminWeb, target: { ...sampleFlows.adminWeb.target, address: '40.126.32.7' } },
    {
      verdict: 'wrong',
      cause: 'interception-trusted',
      confidence: 'certain',
      says: 'the certificate is issued by "Corp Inspection CA", which is none of Microsoft’s; this machine trusts it',
      owner: 'proxy',
      fix: 'exempt adminwebservice.microsoftonline.com from TLS inspection',
      evidence: sampleEvidence.adminWeb,
      decidedBy: ['e8'],
      timing: { dnsMs: 11.7, connectMs: 14.1, tlsMs: 28.4, firstByteMs: 22.5 },
      learnt: { issuer: 'CN=Corp Inspection CA,O=Corp', versions: ['TLSv1.2'] },
    },
  ),
  flowReportOf(sampleFlows.bus, {
    verdict: 'not-run',
    confidence: 'undetermined',
    says: 'no name to try: Microsoft documents none under this pattern',
  }),
  flowReportOf(sampleFlows.crl, {
    verdict: 'degraded',
    cause: 'high-latency',
    confidence: 'certain',
    says: 'connecting takes 412 ms, a third of what Windows waits for a revocation list',
    owner: 'network',
    fix: 'reach it without the detour, or through a cache nearby',
    evidence: sampleEvidence.crl,
    decidedBy: ['e11'],
    timing: { dnsMs: null, connectMs: 412, tlsMs: null, firstByteMs: null },
  }),
  flowReportOf(sampleFlows.winrm, {
    verdict: 'unknown',
    cause: 'undetermined',
    confidence: 'undetermined',
    says: 'no answer in 3000 ms, and no second host of this kind to compare with',
    owner: 'tool',
    alternatives: ['filtered-silently', 'no-route'],
    nextProbe: 'postern listen --as dc01 on the other side, then this check again',
  }),
  flowReportOf(sampleFlows.status, {
    verdict: 'not-required',
    confidence: 'certain',
    says: 'only needed when 443 is not available, and 443 is',
  }),
  flowReportOf(sampleFlows.notEntra8443, {
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    says: '8443 is closed, as it must be',
  }),
  flowReportOf(sampleFlows.payroll, {
    verdict: 'open',
    says: 'app01 answers on 8443 and must be closed from here',
    owner: 'firewall',
    fix: 'remove the rule that lets 10.1.0.10 reach 10.1.0.30:8443',
    timing: { ...noTiming, connectMs: 1.1, tlsMs: 9.8 },
  }),
]

/** A check with each verdict, each kind of observation, a flow that must be closed and is, and one that is open. */
export const sampleCheck: CheckReport = checkReportOf(checked, {
  summary: summaryOf(checked, 14),
  findings: [
    {
      code: 'forbidden-flow-open',
      severity: 'high',
      what: 'tcp/8443 app01.corp.example (10.1.0.30) answers from connect01 and must be closed',
      where: { flow: 'no-payroll', target: 'tcp/8443 app01.corp.example (10.1.0.30)' },
      why: 'forbidden by the site file',
      next: 'remove the rule that lets 10.1.0.10 reach 10.1.0.30:8443',
      flows: ['no-payroll'],
    },
    {
      code: 'revocation-blocked',
      severity: 'medium',
      what: 'ocsp.example is not reached by the agent’s account',
      where: {},
      why: 'its certificates name it as the place to ask',
      next: 'allow tcp/80 to it, then run this check again',
      flows: [],
    },
  ],
})

/** The same check as it was a week before: what broke, mended, changed, appeared and disappeared since. */
export const sampleCheckBefore: CheckReport = checkReportOf(
  checked.flatMap((flow): readonly FlowReport[] => {
    const { flow: id, target } = flow
    if (id === 't1-ldaps') {
      return [flowReportOf(sampleFlows.ldaps, { timing: { ...noTiming, connectMs: 0.7, tlsMs: 8.2 } })]
    }
    if (id === 't1-dns') {
      return [
        { ...flow, verdict: 'blocked', cause: 'refused', confidence: 'possible', says: 'refused', timing: noTiming },
      ]
    }
    if (target.name === 'adminwebservice.microsoftonline.com') {
      const genuine = {
        ...sampleLeaf,
        issuer: 'CN=DigiCert Global G2 TLS RSA SHA256 2020 CA1',
        sha256: 'D4'.repeat(32),
      }
      return [
        flowReportOf(
          { ...flow, target: { ...target, address: '40.126.32.8' } },
          { evidence: [handshakeOf({ version: 'TLSv1.3', chain: [genuine] })], timing: { ...flow.timing, tlsMs: 30 } },
        ),
      ]
    }
    if (id === 't2-http-crl') {
      return [flowReportOf(sampleFlows.crl, { timing: { ...noTiming, connectMs: 20 } })]
    }
    if (id === 't2-https-sync') return [{ ...flow, timing: { ...flow.timing, firstByteMs: 64.2 } }]
    return id === 't1-winrm' ? [] : [flow]
  }),
  { startedAt: new Date(Date.UTC(2026, 10, 14, 9, 0, 0)).toISOString() },
)

/** A check of very many flows: `count` of them over some thirty hosts, a tenth of them failed. */
export function largeCheck(count: number): CheckReport {
  const list = Array.from({ length: count }, (_, at): FlowReport => {
    const host = Math.floor(at / 10) + 1
    const port = [53, 88, 135, 389, 443, 445, 464, 636, 3268, 9389][at % 10] ?? 443
    const target: FlowTarget = {
      name: `server-${host}.branch-${host % 4}.corp.example`,
      address: `10.${host % 256}.0.5`,
      port,
      transport: 'tcp',
      service: 'tcp',
    }
    const flow = flowOf({
      flow: `row-${port}`,
      to: `server-${host}`,
      toRole: 'domain-controller',
      purpose: 'stands for many',
      target,
    })
    if (at % 10 !== 7) return flowReportOf(flow, { timing: { ...noTiming, connectMs: 1 + (at % 7) } })
    return flowReportOf(flow, {
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      says: `${port}/tcp on server-${host} is dropped on the path; the other ports answer`,
      owner: 'firewall',
      fix: `allow tcp 10.1.0.10 -> 10.${host % 256}.0.5:${port}`,
      evidence: sampleEvidence.ldaps,
      decidedBy: ['e2'],
    })
  })
  return checkReportOf(list)
}
