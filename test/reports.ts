import { summaryOf } from '../src/diagnose/summaryOf.ts'
import type { Flow, FlowTarget } from '../src/model/flow.ts'
import type { CertificateFacts, Observation, TlsHandshake } from '../src/model/observation.ts'
import type { CheckReport, FlowReport, PlanReport, Timing } from '../src/model/report.ts'

/** Reports for tests: small, whole, and with one of everything. */

const page = 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/reference-connect-ports.md'

const flowBase = {
  from: 'connect01',
  fromRole: 'entra-connect',
  fromAddresses: ['10.1.0.10'],
  necessity: 'required',
  expect: 'open',
  direction: 'internal',
  phase: 'runtime',
  table: '1',
  requiredWhen: 'always',
  features: [],
  unsettled: [],
  notes: [],
  source: page,
} as const satisfies Partial<Flow>

type FlowParts = Partial<Flow> & Pick<Flow, 'flow' | 'to' | 'toRole' | 'purpose'> & { readonly target: FlowTarget }

/** A flow of connect01; what a test is about is given, the rest is usual. Only the page carries a date. */
export function flowOf(parts: FlowParts): Flow {
  return { ...flowBase, ...(parts.source === undefined && { asOf: '2025-04-09' }), ...parts }
}

const dc01 = (
  port: number,
  service: FlowTarget['service'],
  transport: FlowTarget['transport'] = 'tcp',
): FlowTarget => ({
  name: 'dc01.corp.example',
  address: '10.1.0.5',
  port,
  transport,
  service,
})

const toDc = { to: 'dc01', toRole: 'domain-controller' } as const
const toEntra = { to: 'entra-id', toRole: 'entra-id', direction: 'outbound-internet', table: '2' } as const

const flows = {
  dns: flowOf({
    flow: 't1-dns',
    to: 'dc01',
    toRole: 'dns-server',
    purpose: 'Name resolution in the target forest; the same resolver must also resolve the Entra endpoints',
    target: dc01(53, 'dns', 'udp'),
  }),
  kerberos: flowOf({
    flow: 't1-kerberos',
    ...toDc,
    purpose: 'Authentication to the AD forest',
    target: dc01(88, 'kerberos'),
  }),
  kerberosUdp: flowOf({
    flow: 't1-kerberos',
    ...toDc,
    purpose: 'Authentication to the AD forest',
    target: dc01(88, 'kerberos', 'udp'),
  }),
  ldap: flowOf({
    flow: 't1-ldap',
    ...toDc,
    purpose: 'Import from AD; sign and seal by Kerberos',
    target: dc01(389, 'ldap'),
    notes: ['UDP 389 is the DC-locator (CLDAP) ping; TCP 389 carries the data.'],
  }),
  ldaps: flowOf({
    flow: 't1-ldaps',
    ...toDc,
    purpose: 'Import from AD over TLS',
    requiredWhen: 'only when TLS is chosen for LDAP',
    features: ['ldaps'],
    target: dc01(636, 'ldaps'),
  }),
  rpc: flowOf({
    flow: 't1-rpc-dynamic',
    ...toDc,
    phase: 'setup+runtime',
    purpose: 'Dynamic RPC after 135; a fixed port replaces it where the DC pins one',
    requiredWhen: 'wizard binds to a forest; password hash sync',
    necessity: 'conditional',
    unsettled: ['static-rpc-port'],
    target: {
      name: 'dc01.corp.example',
      address: '10.1.0.5',
      port: null,
      range: { first: 49152, last: 65535 },
      transport: 'tcp',
      service: 'rpc',
    },
  }),
  winrm: flowOf({
    flow: 't1-winrm',
    ...toDc,
    phase: 'setup',
    necessity: 'conditional',
    purpose: 'Remote set-up of AD FS',
    requiredWhen: 'only when the wizard installs AD FS with a gMSA',
    unsettled: ['wizard-manages-ad-fs'],
    target: dc01(5985, 'winrm'),
  }),
  login: flowOf({
    flow: 't2-https-sync',
    ...toEntra,
    phase: 'setup+runtime',
    purpose: 'Synchronization with Entra ID',
    target: {
      name: 'login.microsoftonline.com',
      address: '127.0.0.1',
      port: 9443,
      plannedPort: 443,
      transport: 'tcp',
      service: 'https',
      path: '/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration',
    },
  }),
  adminWeb: flowOf({
    flow: 't2-https-sync',
    ...toEntra,
    phase: 'setup+runtime',
    purpose: 'Synchronization with Entra ID',
    target: { name: 'adminwebservice.microsoftonline.com', port: 443, transport: 'tcp', service: 'https' },
  }),
  bus: flowOf({
    flow: 'pwb-https',
    to: 'azure-service-bus',
    toRole: 'azure-service-bus',
    direction: 'outbound-internet',
    table: 'password writeback',
    purpose: 'Long-lived relay that receives reset requests',
    requiredWhen: 'password writeback',
    features: ['password-writeback'],
    target: {
      pattern: '*.servicebus.windows.net',
      port: 443,
      transport: 'tcp',
      service: 'https',
      undialled: 'no name to try: Microsoft documents none under this pattern',
    },
  }),
  proxyApp: flowOf({
    flow: 't6a-https',
    from: 'pta01',
    fromRole: 'pta-agent',
    fromAddresses: [],
    ...toEntra,
    table: '6a',
    purpose: 'Enable/disable the feature, register, fetch updates, and carry every sign-in request',
    requiredWhen: 'pass-through authentication',
    features: ['pass-through-auth'],
    target: {
      name: 'ping.msappproxy.net',
      pattern: '*.msappproxy.net',
      nameFrom: 'a name that Microsoft documents under this pattern',
      port: 443,
      transport: 'tcp',
      service: 'https',
    },
  }),
  crl: flowOf({
    flow: 't2-http-crl',
    to: 'crl-ocsp',
    toRole: 'crl-ocsp',
    direction: 'outbound-internet',
    table: '2',
    purpose: 'CRL download to check TLS certificates',
    target: { name: 'crl.microsoft.com', address: '2001:db8::50', port: 80, transport: 'tcp', service: 'http' },
  }),
  status: flowOf({
    flow: 'pta-status-8080',
    ...toEntra,
    necessity: 'optional',
    purpose: 'Agent status every 10 minutes for the admin center; never carries sign-ins',
    requiredWhen: 'optional; used only when 443 is not available',
    fallbackFor: 't6a-https',
    target: { name: 'ping.msappproxy.net', pattern: '*.msappproxy.net', port: 8080, transport: 'tcp', service: 'http' },
  }),
  local: flowOf({
    flow: 'adfs-nettcp-2016',
    from: 'sts01',
    fromRole: 'adfs',
    fromAddresses: ['10.1.0.31', '2001:db8:1::31'],
    to: 'sts01',
    toRole: 'adfs',
    direction: 'local',
    necessity: 'local-only',
    table: 'AD FS',
    purpose: 'Local configuration endpoint; must not be opened',
    requiredWhen: 'Windows Server 2016 and later',
    target: { address: '10.1.0.20', port: 1501, transport: 'tcp', service: 'net-tcp' },
  }),
  notEntra8443: flowOf({
    flow: 'neg-8443-entra',
    ...toEntra,
    necessity: 'not-required',
    expect: 'closed',
    table: 'negative',
    purpose: 'No Microsoft page for hybrid identity requires 8443 towards Entra ID; a rule that opens it is unneeded',
    requiredWhen: 'never',
    target: { name: 'login.microsoftonline.com', port: 8443, transport: 'tcp', service: 'https' },
  }),
  payroll: flowOf({
    flow: 'no-payroll',
    to: 'app01',
    toRole: 'app-8443',
    necessity: 'not-required',
    expect: 'closed',
    table: 'own',
    purpose: 'forbidden by the site file',
    requiredWhen: 'the site file says so',
    source: 'the site file',
    target: { name: 'app01.corp.example', address: '10.1.0.30', port: 8443, transport: 'tcp', service: 'https' },
  }),
} as const

/** A plan with flows of several hosts, patterns, ranges, conditions, a local one, and two that must be closed. */
export const samplePlan: PlanReport = {
  postern: '0.1.0',
  kind: 'plan',
  site: 'hq',
  cloud: 'worldwide',
  features: ['password-hash-sync', 'pass-through-auth', 'password-writeback', 'ldaps'],
  catalog: { asOf: '2025-04-09' },
  summary: { required: 10, conditional: 2, recommended: 0, optional: 1, legacy: 0, localOnly: 0, mustBeClosed: 2 },
  flows: Object.values(flows),
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

const at = (ms: number): string => new Date(Date.UTC(2026, 10, 21, 9, 3, 12) + ms).toISOString()

const leaf: CertificateFacts = {
  subject: 'CN=adminwebservice.microsoftonline.com,O=Microsoft Corporation,C=US',
  issuer: 'CN=Corp Inspection CA,O=Corp',
  serial: '0a1b2c',
  sha1: 'A1'.repeat(20),
  sha256: 'B2'.repeat(32),
  notBefore: '2026-10-01T00:00:00.000Z',
  notAfter: '2027-10-01T00:00:00.000Z',
  subjectAltNames: ['dns:adminwebservice.microsoftonline.com'],
  caIssuers: [],
  selfSigned: false,
  from: 'handshake',
}

const root: CertificateFacts = {
  ...leaf,
  subject: 'CN=Corp Inspection CA,O=Corp',
  serial: '01',
  sha256: 'C3'.repeat(32),
  subjectAltNames: [],
  selfSigned: true,
}

/** One handshake of `adminwebservice`, or with what is given instead. */
export function handshakeOf(parts: Partial<TlsHandshake> = {}): TlsHandshake {
  return {
    kind: 'tls-handshake',
    id: 'e8',
    role: 'probe',
    at: at(60),
    ms: 28.4,
    address: '40.126.32.7',
    port: 443,
    serverName: 'adminwebservice.microsoftonline.com',
    offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: ['http/1.1'] },
    outcome: 'established',
    bytesOut: 517,
    bytesIn: 3120,
    version: 'TLSv1.2',
    cipher: 'ECDHE-RSA-AES256-GCM-SHA384',
    chain: [leaf, root],
    sentCertificates: 2,
    anchoredIn: ['machine'],
    signaturesVerify: true,
    nameMatches: true,
    stapledOcsp: false,
    ...parts,
  }
}

export { leaf as sampleLeaf }

const evidence = {
  dns: [
    {
      kind: 'name-lookup',
      id: 'e1',
      role: 'probe',
      at: at(0),
      ms: 1.2,
      name: 'corp.example',
      type: 'SOA',
      resolver: '10.1.0.5:53',
      resolverRole: 'target',
      transport: 'udp',
      outcome: 'answer',
      rcode: 0,
      authoritative: true,
      answers: ['dc01.corp.example hostmaster.corp.example 41'],
      aliases: [],
      ttlSec: 3600,
    },
  ],
  ldaps: [
    {
      kind: 'tcp-connect',
      id: 'e2',
      role: 'probe',
      at: at(2),
      ms: 3000,
      address: '10.1.0.5',
      port: 636,
      outcome: 'timeout',
    },
    {
      kind: 'tcp-connect',
      id: 'e3',
      role: 'repeat',
      at: at(3005),
      ms: 3000,
      address: '10.1.0.5',
      port: 636,
      outcome: 'timeout',
    },
    {
      kind: 'tcp-connect',
      id: 'e4',
      role: 'control',
      varies: 'port',
      at: at(3005),
      ms: 0.6,
      address: '10.1.0.5',
      port: 389,
      outcome: 'connected',
      localAddress: '10.1.0.10',
    },
    {
      kind: 'tcp-connect',
      id: 'e5',
      role: 'control',
      varies: 'host',
      at: at(3006),
      ms: 0.8,
      address: '10.1.0.6',
      port: 636,
      outcome: 'connected',
      localAddress: '10.1.0.10',
    },
  ],
  adminWeb: [
    {
      kind: 'name-lookup',
      id: 'e6',
      role: 'probe',
      at: at(1),
      ms: 11.7,
      name: 'adminwebservice.microsoftonline.com',
      type: 'A',
      resolver: '10.1.0.5:53',
      resolverRole: 'internal',
      transport: 'udp',
      outcome: 'answer',
      rcode: 0,
      answers: ['40.126.32.7'],
      aliases: ['adminwebservice.trafficmanager.net'],
      ttlSec: 60,
    },
    {
      kind: 'tcp-connect',
      id: 'e7',
      role: 'probe',
      at: at(13),
      ms: 14.1,
      address: '40.126.32.7',
      port: 443,
      outcome: 'connected',
      localAddress: '10.1.0.10',
    },
    handshakeOf(),
    {
      kind: 'http-exchange',
      id: 'e9',
      role: 'probe',
      at: at(90),
      ms: 31,
      url: 'https://adminwebservice.microsoftonline.com/',
      address: '40.126.32.7',
      method: 'GET',
      outcome: 'response',
      status: 200,
      headers: { server: 'Corp Proxy', 'content-type': 'text/html' },
      firstByteMs: 22.5,
      body: { kind: 'html', bytes: 1834, title: 'Corp <b>notice</b> & "policy"', members: {} },
    },
  ],
  udp: [
    {
      kind: 'tool-limit',
      id: 'e10',
      role: 'probe',
      at: at(2),
      ms: 0,
      limit: 'no-probe-yet',
      detail: 'kerberos over UDP: silence would prove nothing',
    },
  ],
  crl: [
    {
      kind: 'tcp-connect',
      id: 'e11',
      role: 'probe',
      at: at(4),
      ms: 412,
      address: '2001:db8::50',
      port: 80,
      outcome: 'connected',
    },
    {
      kind: 'aia-fetch',
      id: 'e12',
      role: 'context',
      at: at(500),
      ms: 80,
      url: 'http://crl.microsoft.com/pki/ca.cer',
      outcome: 'http-status',
      status: 503,
    },
    {
      kind: 'udp-exchange',
      id: 'e13',
      role: 'context',
      at: at(500),
      ms: 3000,
      address: '10.1.0.5',
      port: 53,
      outcome: 'timeout',
      bytesOut: 33,
      bytesIn: 0,
    },
  ],
} as const satisfies Record<string, readonly Observation[]>

/** A check report around flows. */
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
  flowReportOf(flows.dns, {
    says: 'dc01 answers for corp.example with authority',
    evidence: evidence.dns,
    decidedBy: ['e1'],
    timing: { ...noTiming, firstByteMs: 1.2 },
    learnt: { authoritative: true },
  }),
  flowReportOf(flows.kerberos, {
    confidence: 'possible',
    says: '88/tcp on dc01 accepts connections; that the service behind it is Kerberos is not proven',
    timing: { ...noTiming, connectMs: 0.7 },
  }),
  flowReportOf(flows.kerberosUdp, {
    verdict: 'not-run',
    confidence: 'undetermined',
    says: 'no probe yet: kerberos over UDP: silence would prove nothing',
    evidence: evidence.udp,
  }),
  flowReportOf(flows.ldap, { timing: { ...noTiming, connectMs: 0.6 } }),
  flowReportOf(flows.ldaps, {
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    says: '636/tcp on dc01 is dropped on the path; 389, 88 and 445 on the same host answer',
    owner: 'firewall',
    fix: 'allow tcp 10.1.0.10 -> 10.1.0.5:636',
    alternatives: ['no-route'],
    nextProbe: 'run with --capture on dc01: does the SYN arrive?',
    evidence: evidence.ldaps,
    decidedBy: ['e2', 'e4', 'e5'],
  }),
  flowReportOf(flows.rpc, {
    verdict: 'not-run',
    confidence: 'undetermined',
    says: 'no probe yet: a range is never scanned; its mapped port is asked of the endpoint mapper',
  }),
  flowReportOf(flows.login, {
    says: 'OpenID configuration of contoso.onmicrosoft.com, genuine certificate',
    timing: { dnsMs: null, connectMs: 0.4, tlsMs: 12.3, firstByteMs: 4.1 },
    learnt: { issuer: 'https://login.microsoftonline.com/contoso/v2.0' },
  }),
  flowReportOf(
    { ...flows.adminWeb, target: { ...flows.adminWeb.target, address: '40.126.32.7' } },
    {
      verdict: 'wrong',
      cause: 'interception-trusted',
      confidence: 'certain',
      says: 'the certificate is issued by "Corp Inspection CA", which is none of Microsoft’s; this machine trusts it',
      owner: 'proxy',
      fix: 'exempt adminwebservice.microsoftonline.com from TLS inspection',
      evidence: evidence.adminWeb,
      decidedBy: ['e8'],
      timing: { dnsMs: 11.7, connectMs: 14.1, tlsMs: 28.4, firstByteMs: 22.5 },
      learnt: { issuer: 'CN=Corp Inspection CA,O=Corp', versions: ['TLSv1.2'] },
    },
  ),
  flowReportOf(flows.bus, {
    verdict: 'not-run',
    confidence: 'undetermined',
    says: 'no name to try: Microsoft documents none under this pattern',
  }),
  flowReportOf(flows.crl, {
    verdict: 'degraded',
    cause: 'high-latency',
    confidence: 'certain',
    says: 'connecting takes 412 ms, a third of what Windows waits for a revocation list',
    owner: 'network',
    fix: 'reach it without the detour, or through a cache nearby',
    evidence: evidence.crl,
    decidedBy: ['e11'],
    timing: { dnsMs: null, connectMs: 412, tlsMs: null, firstByteMs: null },
  }),
  flowReportOf(flows.winrm, {
    verdict: 'unknown',
    cause: 'undetermined',
    confidence: 'undetermined',
    says: 'no answer in 3000 ms, and no second host of this kind to compare with',
    owner: 'tool',
    alternatives: ['filtered-silently', 'no-route'],
    nextProbe: 'postern listen --as dc01 on the other side, then this check again',
  }),
  flowReportOf(flows.status, {
    verdict: 'not-required',
    confidence: 'certain',
    says: 'only needed when 443 is not available, and 443 is',
  }),
  flowReportOf(flows.notEntra8443, {
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    says: '8443 is closed, as it must be',
  }),
  flowReportOf(flows.payroll, {
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
      return [flowReportOf(flows.ldaps, { timing: { ...noTiming, connectMs: 0.7, tlsMs: 8.2 } })]
    }
    if (id === 't1-dns') {
      return [
        { ...flow, verdict: 'blocked', cause: 'refused', confidence: 'possible', says: 'refused', timing: noTiming },
      ]
    }
    if (target.name === 'adminwebservice.microsoftonline.com') {
      const genuine = { ...leaf, issuer: 'CN=DigiCert Global G2 TLS RSA SHA256 2020 CA1', sha256: 'D4'.repeat(32) }
      return [
        flowReportOf(
          { ...flow, target: { ...target, address: '40.126.32.8' } },
          { evidence: [handshakeOf({ version: 'TLSv1.3', chain: [genuine] })], timing: { ...flow.timing, tlsMs: 30 } },
        ),
      ]
    }
    if (id === 't2-http-crl') {
      return [flowReportOf(flows.crl, { timing: { ...noTiming, connectMs: 20 } })]
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
      evidence: evidence.ldaps,
      decidedBy: ['e2'],
    })
  })
  return checkReportOf(list)
}

/** Text as an attacker would have it on the network: markup, quotes, escape sequences, reordering, formulas, length. */
export const hostileTexts: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE flows; --",
  '</style></title></details></svg><b>out</b>',
  '&lt;script&gt; &#x3c;',
  '\u001b[2J\u001b[31mred\u001b]0;title\u0007',
  '\u009b31m',
  'evil\u202egnp.exe\u2066\u200f\u{e0041}',
  '=HYPERLINK("http://evil.example","x")',
  '| a | b |\n# heading\r\n- [x](javascript:alert(1)) ![y](http://evil.example/z) `code`',
  'line\u2028separator\0nul',
  'x'.repeat(10_240),
  '\ud800 lone surrogate',
]
