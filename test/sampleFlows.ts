import type { Flow, FlowTarget } from '../src/model/flow.ts'

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

/** Flows of one site: one of each kind that a plan can have. */
export const sampleFlows = {
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
