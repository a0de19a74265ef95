/** Scenarios as rows: what was seen, and the verdict that it must give. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose } from '../src/diagnose/diagnose.ts'
import type { CauseCode, Confidence, Owner } from '../src/model/cause.ts'
import type { CertificateFacts } from '../src/model/certificateFacts.ts'
import type { Flow } from '../src/model/flow.ts'
import type { JudgementContext } from '../src/model/report.ts'
import type { VerdictKind } from '../src/model/verdict.ts'
import type { Draft } from './observed.ts'
import { appFlow, caseOf, cloudFlow, control, flowOf, http, leaf, lookup, root, tcp, tls } from './observed.ts'

/** One row. What is left out is not looked at. */
export interface Scenario {
  readonly name: string
  readonly flow: Flow
  readonly seen: readonly Draft[]
  readonly known?: Partial<JudgementContext>
  readonly verdict: VerdictKind
  readonly cause?: CauseCode
  readonly confidence?: Confidence
  readonly owner?: Owner
  readonly alternatives?: readonly CauseCode[]
  readonly says?: RegExp
  readonly fix?: RegExp
  readonly nextProbe?: RegExp
  /** Ids of the observations that decided, when the scenario is about them. */
  readonly decidedBy?: readonly string[]
}

/** Makes a test of each row. */
export const run = (scenarios: readonly Scenario[]): void => {
  for (const scenario of scenarios) {
    test(scenario.name, () => {
      const verdict = diagnose(caseOf(scenario.flow, scenario.seen, scenario.known))
      const said = `${verdict.verdict} ${verdict.cause ?? ''} ${verdict.confidence}: ${verdict.says}`
      assert.equal(verdict.verdict, scenario.verdict, said)
      assert.equal(verdict.cause, scenario.cause, said)
      if (scenario.confidence) assert.equal(verdict.confidence, scenario.confidence, said)
      if (scenario.owner) assert.equal(verdict.owner, scenario.owner, said)
      if (scenario.alternatives) assert.deepEqual(verdict.alternatives, scenario.alternatives, said)
      if (scenario.says) assert.match(verdict.says, scenario.says)
      if (scenario.fix) assert.match(verdict.fix ?? '', scenario.fix)
      if (scenario.nextProbe) assert.match(verdict.nextProbe ?? '', scenario.nextProbe)
      if (scenario.decidedBy) assert.deepEqual(verdict.decidedBy, scenario.decidedBy)
      if (verdict.confidence !== 'certain' && verdict.cause !== undefined && verdict.verdict !== 'degraded') {
        assert.ok(verdict.nextProbe, `an unsure verdict names the next probe: ${said}`)
      }
    })
  }
}

export const ldaps = flowOf()
export const signIn = cloudFlow()
export const app = appFlow()
export const silent = tcp('timeout')
export const onCloud = tcp('connected', { address: '20.190.128.1', port: 443 })
export const onApp = tcp('connected', { address: '10.1.0.20', port: 8443 })
export const appName = 'app01.corp.example'
export const labRoot = root('Lab Root CA', 'site')
export const inspector = root('Corp TLS Inspection CA', 'machine')
export const appTls = (chain: readonly CertificateFacts[], over: Parameters<typeof tls>[1] = {}): Draft =>
  tls('established', {
    address: '10.1.0.20',
    port: 8443,
    serverName: appName,
    chain,
    sentCertificates: chain.length,
    anchoredIn: ['site'],
    ...over,
  })
export const goodApp = appTls([leaf(appName, 'Lab Root CA'), labRoot])
export const appPage = http('response', {
  url: `https://${appName}:8443/`,
  address: '10.1.0.20',
  body: { kind: 'html', bytes: 900, title: 'Payroll', members: {} },
})
export const console60f = leaf('FGT60F-CONSOLE', 'FGT60F-CONSOLE', {
  subject: 'CN=FGT60F-CONSOLE,O=Fortinet',
  issuer: 'CN=FGT60F-CONSOLE,O=Fortinet',
  selfSigned: true,
  subjectAltNames: [],
})
export const atApp = { address: '10.1.0.20', port: 8443, serverName: appName } as const
export const tls12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', alpn: [] } as const
export const alert = (number: number, name: string, over: Parameters<typeof tls>[1] = {}): Draft =>
  tls('alert', { ...atApp, alert: { number, name }, bytesIn: 7, ...over })
export const takes12 = control(
  'tls-version',
  appTls([leaf(appName, 'Lab Root CA'), labRoot], { version: 'TLSv1.2', offered: tls12 }),
)

/** The DNS service of the site, over UDP. */
export const dns = flowOf({
  flow: 't1-dns',
  to: 'dns01',
  toRole: 'dns-server',
  target: { name: 'dns01.corp.example', port: 53, transport: 'udp', service: 'dns' },
})
/** What a name server says of the zone of the site. */
export const soa = (outcome: Parameters<typeof lookup>[0], over: Parameters<typeof lookup>[1] = {}): Draft =>
  lookup(outcome, {
    name: 'corp.example',
    type: 'SOA',
    resolverRole: 'target',
    ...(outcome === 'answer' && {
      answers: ['dc01.corp.example hostmaster.corp.example 42 900 600 86400 3600'],
      authoritative: true,
    }),
    ...over,
  })
