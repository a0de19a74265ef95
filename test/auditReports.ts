import { auditSummary } from '../src/audit/auditSummary.ts'
import { auditReportSchema } from '../src/config/auditSchema.ts'
import type { AuditFlowReport, AuditPart, AuditReport, AuditStep } from '../src/model/auditReport.ts'
import type { Flow } from '../src/model/flow.ts'
import { commandLine } from '../src/model/flow.ts'
import { poisoned } from './poisoned.ts'
import { at } from './sampleEvidence.ts'
import { flowOf, sampleFlows } from './sampleFlows.ts'

/** Reports of audits for tests: small, whole, and with one of everything. */

const step = (parts: Partial<AuditStep> = {}): AuditStep => ({
  device: 'edge',
  stage: 'filter forward of inet edge',
  rule: 'rule 4',
  does: 'allows',
  file: 'edge.nft',
  line: 6,
  text: 'ip saddr 10.1.0.10 tcp dport { 80, 443 } accept comment "connect01 to the internet"',
  ...parts,
})

const policy = step({ rule: 'policy drop', does: 'drops', line: 4, text: 'policy drop' })

const partOf = (flow: Flow, parts: Partial<AuditPart> = {}): AuditPart => ({
  verdict: 'allow',
  for: {
    sources: [...flow.fromAddresses],
    destinations: [flow.target.address ?? flow.target.pattern ?? flow.target.name ?? flow.to],
    protocol: flow.target.transport,
    ports: flow.target.port === null ? [] : [String(flow.target.port)],
  },
  decidedBy: [step()],
  dependsOn: [],
  ...parts,
})

/** A flow that was allowed, or with what is given instead; what decides it is that of its first part. */
export function auditFlowOf(flow: Flow, parts: Partial<AuditFlowReport> = {}): AuditFlowReport {
  const [first = partOf(flow)] = parts.parts ?? []
  return {
    ...flow,
    verdict: first.verdict,
    says: 'allowed by rule 4 of edge, filter forward of inet edge (edge.nft:6)',
    through: [{ device: 'edge', passage: 'forward' }],
    decidedBy: first.decidedBy,
    dependsOn: first.dependsOn,
    parts: [first],
    ...parts,
  }
}

const denied = (flow: Flow, parts: Partial<AuditFlowReport> = {}): AuditFlowReport =>
  auditFlowOf(flow, {
    denial: 'drop',
    says: 'dropped by policy drop of edge, filter forward of inet edge (edge.nft:4)',
    fix: `allow ${flow.target.transport} 10.1.0.10 -> ${flow.target.address ?? flow.to}:${flow.target.port ?? ''} on edge, before policy drop`,
    parts: [partOf(flow, { verdict: 'deny', denial: 'drop', decidedBy: [policy] })],
    ...parts,
  })

const question = flowOf({
  flow: '10.1.0.10 > 203.0.113.5:443/tcp',
  from: '10.1.0.10',
  fromRole: 'any',
  to: '203.0.113.5',
  toRole: 'any',
  purpose: 'asked for on the command line',
  source: commandLine,
  target: { address: '203.0.113.5', port: 443, transport: 'tcp', service: 'tcp' },
})

const forbidden = flowOf({
  flow: 'no-rdp-from-staff',
  from: 'staff',
  fromRole: 'user-client',
  fromAddresses: ['10.2.0.0/16'],
  to: 'dc01',
  toRole: 'domain-controller',
  purpose: 'forbidden by the site file',
  necessity: 'not-required',
  expect: 'closed',
  source: 'the site file',
  target: { name: 'dc01.corp.example', address: '10.1.0.5', port: 3389, transport: 'tcp', service: 'tcp' },
})

const wide = step({
  device: 'core',
  stage: 'policies of root',
  rule: '12 (lan to servers)',
  file: 'core.conf',
  line: 41,
  text: 'edit 12',
})

const audited: readonly AuditFlowReport[] = [
  denied(sampleFlows.ldaps),
  denied(sampleFlows.kerberos),
  denied(sampleFlows.kerberosUdp),
  auditFlowOf(sampleFlows.rpc, {
    denial: 'reject',
    says: 'rejected by rule 9 of edge, filter forward of inet edge (edge.nft:12)',
    fix: 'allow tcp 10.1.0.10 -> 10.1.0.5:49152-65535 on edge, before rule 9',
    parts: [
      partOf(sampleFlows.rpc, {
        verdict: 'deny',
        denial: 'reject',
        decidedBy: [step({ rule: 'rule 9', does: 'rejects', line: 12, text: 'tcp dport 1024-65535 reject' })],
      }),
    ],
  }),
  auditFlowOf(sampleFlows.bus, {
    says: 'depends on the content of the tag AzureActiveDirectory, at AllowEntra of nsg01, inbound (nsg.json:17)',
    fix: 'give the table of tags: --tags ServiceTags_Public_DATE.json',
    through: [
      { device: 'nsg01', passage: 'output' },
      { device: 'edge', passage: 'forward' },
    ],
    parts: [
      partOf(sampleFlows.bus, {
        verdict: 'may',
        by: 'dated-addresses',
        decidedBy: [
          step({
            device: 'nsg01',
            stage: 'NSG web, outbound',
            rule: 'AllowEntra',
            does: 'may',
            file: 'nsg.json',
            line: 17,
            lastLine: 31,
            path: '/properties/securityRules/3',
            text: '{ "name": "AllowEntra", "properties": { "priority": 200 } }',
          }),
        ],
        dependsOn: [{ kind: 'tag', what: 'the content of the tag AzureActiveDirectory', device: 'nsg01' }],
      }),
    ],
  }),
  auditFlowOf(sampleFlows.winrm, {
    says: 'arrives at 10.9.0.1 instead by rule 2 of edge, nat prerouting (edge.nft:20)',
    fix: 'correct the translation rule 2 of edge, nat prerouting (edge.nft:20)',
    parts: [
      partOf(sampleFlows.winrm, {
        verdict: 'misdirected',
        to: { destinations: ['10.9.0.1'], ports: ['5986'] },
        decidedBy: [
          step({
            stage: 'nat prerouting',
            rule: 'rule 2',
            does: 'translates',
            line: 20,
            text: 'dnat to 10.9.0.1:5986',
          }),
        ],
      }),
    ],
  }),
  auditFlowOf(sampleFlows.login, { addressesAsOf: '2026-11-16' }),
  auditFlowOf(sampleFlows.adminWeb, { via: 'egress' }),
  auditFlowOf(forbidden, {
    says: 'allowed by 12 (lan to servers) of core, policies of root (core.conf:41)',
    fix: 'take out 12 (lan to servers) of core, policies of root (core.conf:41), or narrow it',
    through: [{ device: 'core', passage: 'forward' }],
    parts: [partOf(forbidden, { decidedBy: [wide] })],
  }),
  auditFlowOf(question, {
    says: 'allowed by rule 4 of edge, filter forward of inet edge (edge.nft:6); leaves as 198.51.100.7',
    parts: [
      partOf(question, {
        inspected: 'may',
        to: { sources: ['198.51.100.7'] },
        decidedBy: [
          step(),
          step({
            stage: 'nat postrouting',
            rule: 'rule 1',
            does: 'translates',
            line: 30,
            text: 'snat to 198.51.100.7',
          }),
          step({ rule: 'rule 1', line: 5, text: 'ct state established,related accept', answer: true }),
        ],
      }),
    ],
  }),
]

const notJudged: AuditReport['notJudged'] = [
  {
    why: 'no device known between staff and internet',
    add: 'a path to the site file: { from: staff, to: internet, through: [DEVICE] }',
    flows: ['sso-client-cloud', 'app-user-signin'],
    count: 32,
    required: 30,
  },
]

/** An audit with one of every verdict, of two devices, with something that was not understood. */
export const sampleAudit: AuditReport = {
  postern: '0.1.0',
  kind: 'audit',
  site: 'hq',
  startedAt: at(0),
  durationMs: 212,
  interrupted: false,
  catalog: { asOf: '2025-04-09' },
  devices: [
    {
      name: 'edge',
      vendor: 'nftables',
      files: ['edge.nft'],
      ruleSets: ['edge.nft'],
      statements: 1204,
      understood: 1203,
    },
    { name: 'nsg01', vendor: 'azure-nsg', files: ['nsg.json'], ruleSets: ['web'], statements: 6, understood: 6 },
  ],
  tables: [{ file: 'ServiceTags_Public_20261116.json', kind: 'service-tags', asOf: '2026-11-16', entries: 3021 }],
  names: { 'login.microsoftonline.com': '127.0.0.1:9443' },
  summary: auditSummary(audited, notJudged),
  flows: audited,
  notJudged,
  findings: [
    {
      code: 'shadowed',
      severity: 'medium',
      what: 'rule 7 of edge can never match',
      where: { file: 'edge.nft', line: 10 },
      why: 'rule 3 (edge.nft:5) matches all of it first',
      next: 'move rule 7 above rule 3, or take it out',
      flows: ['t1-ldaps'],
    },
    {
      code: 'forbidden-flow-open',
      severity: 'high',
      what: '12 (lan to servers) of core lets tcp/3389 dc01.corp.example from staff pass, which must be closed',
      where: { file: 'core.conf', line: 41, flow: 'no-rdp-from-staff' },
      why: 'nothing needs the opening: whatever passes there is unwanted',
      next: 'take the rule out, or narrow it to what is needed, then audit again',
      flows: ['no-rdp-from-staff'],
    },
  ],
  coverage: {
    statements: 1210,
    understood: 1209,
    unread: [
      { file: 'edge.nft', line: 31, text: 'meta cgroup 1048577 accept', why: 'match "meta cgroup" is not known' },
    ],
  },
}

/** What an audit without a site and without a question shows: findings and coverage alone. */
export const bareAudit: AuditReport = {
  ...sampleAudit,
  site: 'files of the command line',
  names: {},
  tables: [],
  flows: [],
  notJudged: [],
  findings: sampleAudit.findings.slice(0, 1),
  summary: auditSummary([], []),
}

/** Words of closed lists that an audit has beside those that every report has. */
const closedWords = ['does', 'passage', 'denial', 'inspected', 'by', 'vendor'] as const

/** The report with a hostile text in every free place. */
export function hostileAudit(hostile: string): AuditReport {
  const restore = (given: unknown, whole: unknown): unknown => {
    if (Array.isArray(given) && Array.isArray(whole)) return given.map((one, at) => restore(one, whole[at]))
    if (typeof given !== 'object' || given === null || typeof whole !== 'object' || whole === null) return given
    const before = new Map(Object.entries(whole))
    return Object.fromEntries(
      Object.entries(given).map(([key, value]) => [
        key,
        closedWords.some((word) => word === key) ? before.get(key) : restore(value, before.get(key)),
      ]),
    )
  }
  return auditReportSchema.parse(restore(poisoned(sampleAudit, hostile), sampleAudit))
}
