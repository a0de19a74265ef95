import { pages } from './pages.ts'

/** What a code or message is about. */
export const codeCategories = [
  'redirect',
  'consent',
  'app',
  'authz',
  'tenant',
  'cloud',
  'mfa',
  'ca',
  'tenant-restriction',
  'client',
  'time',
  'token',
  'cba',
  'service',
  'user',
  'federation',
  'pta',
  'sso',
  'writeback',
  'device',
  'oauth',
  'connect-wizard',
  'connector',
  'agent',
  'tls',
] as const
export type CodeCategory = (typeof codeCategories)[number]

/** One error code, event or message: what it says and what to do about it. */
export interface CodeRow {
  /** As it is shown: `AADSTS50011`, `event 32002`, or the words of the message. */
  readonly code: string
  readonly category: CodeCategory
  readonly meaning: string
  readonly likelyCause: string
  readonly whatToDo: string
  /** Codes that mean the same or nearly so and have no row of their own. */
  readonly relatedCodes?: readonly string[]
  readonly note?: string
  /** Only where it is less than that of a documented code. */
  readonly confidence?: 'low' | 'medium'
  readonly source: string
  /** The date that the source carries (ISO 8601), where it carries one. */
  readonly asOf?: string
}

type Origin = Pick<CodeRow, 'source' | 'asOf'>

function of(
  category: CodeCategory,
  { source, asOf }: Origin,
  drafts: readonly Omit<CodeRow, 'category' | keyof Origin>[],
): CodeRow[] {
  return drafts.map((draft) => ({ ...draft, category, source, ...(asOf !== undefined && { asOf }) }))
}

const loginLookUp: Origin = { source: 'the login error look-up; not on the public error page', asOf: '2024-04-24' }
const msalUsers: Origin = { source: 'known to users of MSAL; not on the public error page', asOf: '2024-04-24' }
const msalJavaReport: Origin = { source: 'https://github.com/Azure-Samples/ms-identity-msal-java-samples/pull/63' }
const aspNetReport: Origin = { source: 'https://github.com/dotnet/aspnetcore/issues/28948' }
const hpcScript: Origin = { source: 'Azure HPC image build script, note on Microsoft TLS RSA Root G2' }

/** Codes and messages of sign-in, agents, Connect, writeback and TLS, by subject. */
export const codeRows: readonly CodeRow[] = [
  ...of('redirect', pages.errorReference, [
    {
      code: 'AADSTS50011',
      meaning: 'Redirect URI of the request is not registered',
      likelyCause:
        'Scheme, host, port, path or letter case differ; app behind a TLS-terminating proxy builds http:// or drops :8443',
      whatToDo:
        'Compare the redirect_uri byte for byte with the registration; honour X-Forwarded-Proto, -Host and -Port from a trusted proxy only; the port counts except on localhost',
    },
  ]),
  ...of('redirect', msalJavaReport, [
    {
      code: 'AADSTS500112',
      meaning: 'redirect_uri at code redemption differs from the one at authorization',
      likelyCause: 'Same app, two ideas of its own address (http behind proxy at /token)',
      whatToDo: 'Build both from one configured public origin',
    },
  ]),
  ...of('redirect', pages.errorReference, [
    {
      code: 'AADSTS900971',
      meaning: 'No reply address given',
      likelyCause: 'Empty redirect_uri and none registered',
      whatToDo: 'Register and send one',
    },
    {
      code: 'AADSTS70004',
      meaning: 'Redirect URI not valid for the app',
      likelyCause: 'As AADSTS50011 in older flows',
      whatToDo: 'As AADSTS50011',
    },
    {
      code: 'AADSTS90102',
      meaning: 'Value is not an absolute URI',
      likelyCause: 'Relative or malformed redirect_uri',
      whatToDo: 'Send scheme, host, port, path',
    },
  ]),
  ...of('consent', pages.errorReference, [
    {
      code: 'AADSTS65001',
      meaning: 'User or administrator has not consented',
      likelyCause: 'New permission, no admin consent',
      whatToDo: 'Interactive consent or admin consent',
    },
    {
      code: 'AADSTS65004',
      meaning: 'User declined consent',
      likelyCause: 'User choice',
      whatToDo: 'Ask again, or admin consent',
    },
    {
      code: 'AADSTS90094',
      meaning: 'Administrator consent needed',
      likelyCause: 'Permission is admin-only or user consent is off',
      whatToDo: 'Admin consent',
    },
    {
      code: 'AADSTS90095',
      meaning: 'Admin consent request workflow shown',
      likelyCause: 'Consent workflow is on',
      whatToDo: 'Approve the request',
    },
    {
      code: 'AADSTS90008',
      meaning: 'App lacks minimal directory permission or consent',
      likelyCause: 'Missing sign-in permission',
      whatToDo: 'Add User.Read/openid and consent',
    },
    {
      code: 'AADSTS650052',
      meaning: 'Service not enabled in the organization',
      likelyCause: 'Resource service principal missing',
      whatToDo: 'Enable the service or create its service principal',
    },
    {
      code: 'AADSTS650056',
      meaning: 'App misconfigured for the resource',
      likelyCause: 'Permission not listed, not consented, or wrong identifier',
      whatToDo: 'Fix required permissions and consent',
    },
  ]),
  ...of('app', pages.errorReference, [
    {
      code: 'AADSTS650057',
      meaning: "Resource not in the app's permission list",
      likelyCause: 'Wrong resource or audience',
      whatToDo: 'Add the API permission',
    },
    {
      code: 'AADSTS50001',
      meaning: 'Resource disabled or unknown',
      likelyCause: 'Wrong App ID URI',
      whatToDo: 'Fix the resource/scope',
    },
    {
      code: 'AADSTS500011',
      meaning: 'Resource principal not found in tenant',
      likelyCause: 'Wrong tenant or App ID URI, API not installed',
      whatToDo: 'Check tenant and identifier',
    },
    {
      code: 'AADSTS700016',
      meaning: 'App not found in the tenant',
      likelyCause: 'Wrong client id, wrong tenant, or wrong cloud',
      whatToDo: 'Check client id, tenant and authority host',
    },
    {
      code: 'AADSTS70001',
      meaning: 'App disabled or unknown',
      likelyCause: 'Disabled app, or identifier unknown in this directory',
      whatToDo: 'Enable it; check client id and tenant',
    },
    {
      code: 'AADSTS7000112',
      meaning: 'App disabled',
      likelyCause: 'Administrator disabled it',
      whatToDo: 'Enable it',
    },
    {
      code: 'AADSTS50194',
      meaning: 'Single-tenant app used on /common',
      likelyCause: 'Authority is /common',
      whatToDo: 'Use the tenant endpoint',
    },
  ]),
  ...of('authz', pages.errorReference, [
    {
      code: 'AADSTS50105',
      meaning: 'User not assigned to the app',
      likelyCause: 'Assignment required is on',
      whatToDo: 'Assign the user or a group',
    },
  ]),
  ...of('tenant', pages.errorReference, [
    {
      code: 'AADSTS90002',
      meaning: 'Tenant not found',
      likelyCause: 'Typing error, or app points at the wrong cloud',
      whatToDo: 'Check tenant id and authority host',
    },
  ]),
  ...of('cloud', pages.errorReference, [
    {
      code: 'AADSTS90038',
      meaning: 'Tenant belongs to another national cloud',
      likelyCause: 'Authority of one cloud used for a tenant of another',
      whatToDo: 'Use the right authority host',
    },
    {
      code: 'AADSTS900382',
      meaning: 'Confidential client not supported across clouds',
      likelyCause: 'Cross-cloud sign-in with a confidential client',
      whatToDo: "Register the app in the user's cloud",
      relatedCodes: ['AADSTS900432'],
    },
  ]),
  ...of('cloud', pages.error900439, [
    {
      code: 'AADSTS900439',
      meaning: 'US Government client used on the public endpoint',
      likelyCause: 'Authority login.microsoftonline.com for a government app',
      whatToDo: 'Use login.microsoftonline.us',
    },
  ]),
  ...of('cloud', pages.errorReference, [
    {
      code: 'AADSTS50049',
      meaning: 'Unknown instance in discovery',
      likelyCause: 'Wrong authority host',
      whatToDo: 'Use a documented authority host',
    },
  ]),
  ...of('mfa', pages.errorReference, [
    {
      code: 'AADSTS50076',
      meaning: 'Multifactor authentication needed',
      likelyCause: 'Conditional Access, per-user MFA, or new location',
      whatToDo: 'Interactive sign-in; non-interactive flows cannot succeed',
    },
    {
      code: 'AADSTS50079',
      meaning: 'User must register for MFA (or federated provider must send the MFA claim)',
      likelyCause: 'No methods registered; AD FS does not send the claim',
      whatToDo: 'Register methods; fix the federation claim',
    },
    {
      code: 'AADSTS50072',
      meaning: 'User must enrol for the second factor',
      likelyCause: 'No methods registered',
      whatToDo: 'Enrol',
    },
    {
      code: 'AADSTS50074',
      meaning: 'MFA challenge not passed',
      likelyCause: 'Cancelled, timed out or failed',
      whatToDo: 'Retry',
    },
    {
      code: 'AADSTS50078',
      meaning: 'MFA too old',
      likelyCause: 'Sign-in frequency policy',
      whatToDo: 'Sign in again',
    },
    {
      code: 'AADSTS50158',
      meaning: 'External challenge not met',
      likelyCause: 'Custom control or third-party MFA',
      whatToDo: 'Complete the external challenge',
    },
  ]),
  ...of('ca', pages.errorReference, [
    {
      code: 'AADSTS50005',
      meaning: 'Device platform not supported by policy',
      likelyCause: 'Conditional Access platform rule',
      whatToDo: 'Adjust client or policy',
    },
    {
      code: 'AADSTS50097',
      meaning: 'Device authentication needed',
      likelyCause: 'Device not registered or PRT missing; device.login blocked or inspected',
      whatToDo: 'Check registration and TLS inspection exemption',
    },
    {
      code: 'AADSTS50131',
      meaning: 'Conditional Access failed (several reasons)',
      likelyCause: 'Device state, suspicious activity, policy',
      whatToDo: 'Read the sign-in log entry',
    },
    {
      code: 'AADSTS50155',
      meaning: 'Device authentication failed',
      likelyCause: 'Device key or certificate not accepted',
      whatToDo: 'Re-register; exempt device.login from inspection',
    },
    {
      code: 'AADSTS50187',
      meaning: 'Device authentication not carried out',
      likelyCause: 'No device information',
      whatToDo: 'As AADSTS50155',
    },
    {
      code: 'AADSTS53000',
      meaning: 'Device not compliant',
      likelyCause: 'Intune compliance',
      whatToDo: 'Make compliant',
    },
    {
      code: 'AADSTS53001',
      meaning: 'Device not domain joined (hybrid)',
      likelyCause: 'Hybrid join missing or pending',
      whatToDo: 'Complete hybrid join',
    },
    {
      code: 'AADSTS53002',
      meaning: 'App not approved',
      likelyCause: 'Policy wants an approved client',
      whatToDo: 'Use an approved app',
    },
    {
      code: 'AADSTS53003',
      meaning: 'Blocked by Conditional Access',
      likelyCause: 'Policy outcome: location, device, risk',
      whatToDo:
        'Read the sign-in log; not a network fault. A proxy egress address outside named locations can cause it',
    },
    {
      code: 'AADSTS53004',
      meaning: 'MFA registration blocked by risk',
      likelyCause: 'Risky sign-in',
      whatToDo: 'Register from a safe place',
    },
    {
      code: 'AADSTS53010',
      meaning: 'MFA set-up allowed only from certain places',
      likelyCause: 'Policy on security info',
      whatToDo: 'Use allowed place or device',
    },
  ]),
  ...of('ca', loginLookUp, [
    {
      code: 'AADSTS530003',
      meaning: 'Device must be managed',
      likelyCause: 'Policy wants a registered/managed device',
      whatToDo: 'Register the device',
      confidence: 'low',
    },
  ]),
  ...of('ca', pages.errorReference, [
    {
      code: 'AADSTS530032',
      meaning: 'Blocked by tenant security policy',
      likelyCause: 'Tenant-level policy',
      whatToDo: 'Check policies',
    },
    {
      code: 'AADSTS530035',
      meaning: 'Blocked by security defaults',
      likelyCause: 'Legacy protocol or unsafe request',
      whatToDo: 'Use modern authentication',
    },
  ]),
  ...of('tenant-restriction', pages.errorReference, [
    {
      code: 'AADSTS50002',
      meaning: 'Tenant not allowed by the proxy policy',
      likelyCause: 'Proxy injects tenant restriction headers',
      whatToDo: 'Allow the tenant; note that a TLS-inspecting proxy is in the path',
    },
    {
      code: 'AADSTS500021',
      meaning: 'Access to tenant denied by tenant restrictions',
      likelyCause: 'Restrict-Access-To-Tenants header injected by an inspecting proxy',
      whatToDo:
        'Strong sign of TLS inspection on the login hosts (tenant restrictions v2 can set the same policy without a proxy); add the tenant or bypass',
      relatedCodes: ['AADSTS500022'],
      note: 'The error page writes the header as Restrict-Access-To-Tenant; the feature itself uses Restrict-Access-To-Tenants',
    },
  ]),
  ...of('client', pages.errorReference, [
    {
      code: 'AADSTS70002',
      meaning: 'Client credentials wrong',
      likelyCause: 'Secret differs',
      whatToDo: 'Replace the secret',
    },
    {
      code: 'AADSTS7000215',
      meaning: 'Client secret invalid',
      likelyCause: 'Secret id pasted instead of its value, or wrong secret',
      whatToDo: 'Use the value',
    },
    {
      code: 'AADSTS7000222',
      meaning: 'Client secret expired',
      likelyCause: 'Expired',
      whatToDo: 'New secret or certificate; watch expiry',
    },
    {
      code: 'AADSTS7000218',
      meaning: 'client_assertion or client_secret missing',
      likelyCause: 'App registered as confidential, used as public',
      whatToDo: 'Send credentials or mark as public client',
    },
    {
      code: 'AADSTS700025',
      meaning: 'Public client sent a secret',
      likelyCause: 'Platform type wrong',
      whatToDo: 'Fix the platform',
    },
    {
      code: 'AADSTS700027',
      meaning: 'Client assertion signature not valid',
      likelyCause: 'Wrong certificate or key, or clock',
      whatToDo: 'Check registered certificate thumbprint',
    },
  ]),
  ...of('time', msalUsers, [
    {
      code: 'AADSTS700024',
      meaning: 'Client assertion outside its valid time',
      likelyCause: 'Clock skew of the app server or long-cached assertion',
      whatToDo: 'Fix NTP; build assertions per request',
      confidence: 'medium',
    },
  ]),
  ...of('time', pages.errorReference, [
    {
      code: 'AADSTS500133',
      meaning: 'User assertion not within its valid time',
      likelyCause: 'Expired token used on behalf of the user, or clock skew',
      whatToDo: 'New token; check the clock',
    },
  ]),
  ...of('token', pages.errorReference, [
    {
      code: 'AADSTS50013',
      meaning: 'Assertion not valid',
      likelyCause: 'Wrong issuer/version, expired, malformed',
      whatToDo: 'Check the on-behalf-of token',
    },
    {
      code: 'AADSTS50027',
      meaning: 'JWT not valid',
      likelyCause: 'Issuer, audience, time or format',
      whatToDo: 'Check claims',
    },
    {
      code: 'AADSTS900384',
      meaning: 'JWT signature not valid',
      likelyCause: 'Wrong key',
      whatToDo: 'Check the signing key',
    },
  ]),
  ...of('client', pages.errorReference, [
    {
      code: 'AADSTS50012',
      meaning: 'Authentication failed by certificate or signature',
      likelyCause: 'Certificate chain, subject or thumbprint not accepted',
      whatToDo: 'Check registered certificate',
    },
  ]),
  ...of('cba', pages.errorReference, [
    {
      code: 'AADSTS50017',
      meaning: 'Certificate validation failed',
      likelyCause: 'CA not uploaded, CRL not found or too slow',
      whatToDo: 'Publish the CRL on the internet; check size and time',
    },
    {
      code: 'AADSTS220501',
      meaning: 'Entra could not download the CRL',
      likelyCause: 'Customer CRL point not reachable from Entra',
      whatToDo: 'Publish the CRL on plain HTTP reachable from the internet',
      note: 'The error page gives only the name InvalidCrlDownload',
    },
    {
      code: 'AADSTS50192',
      meaning: 'No certificate arrived',
      likelyCause: 'A proxy removed the client certificate',
      whatToDo: 'Exempt the certauth/login hosts from inspection',
    },
  ]),
  ...of('service', pages.errorReference, [
    {
      code: 'AADSTS50000',
      meaning: 'Token issuance failed',
      likelyCause: 'Service side',
      whatToDo: 'Open a ticket',
    },
    {
      code: 'AADSTS50033',
      meaning: 'Transient',
      likelyCause: 'Service side',
      whatToDo: 'Retry',
    },
    {
      code: 'AADSTS90033',
      meaning: 'Directory service not available',
      likelyCause: 'Service side',
      whatToDo: 'Retry',
    },
    {
      code: 'AADSTS90012',
      meaning: 'Request timed out',
      likelyCause: 'Service side or slow path',
      whatToDo: 'Retry; check proxy timeouts',
    },
    {
      code: 'AADSTS90024',
      meaning: 'Transient budget exceeded',
      likelyCause: 'Service side',
      whatToDo: 'Retry',
    },
  ]),
  ...of('client', pages.errorReference, [
    {
      code: 'AADSTS50196',
      meaning: 'Loop detected',
      likelyCause: 'App repeats the same token request',
      whatToDo: 'Cache tokens',
    },
  ]),
  ...of('token', pages.errorReference, [
    {
      code: 'AADSTS54005',
      meaning: 'Authorization code used twice',
      likelyCause: 'Two redeemers, or a retry by a proxy',
      whatToDo: 'Redeem once',
    },
    {
      code: 'AADSTS70008',
      meaning: 'Refresh token expired',
      likelyCause: 'Inactivity',
      whatToDo: 'Sign in again',
      relatedCodes: ['AADSTS700082', 'AADSTS700084'],
    },
    {
      code: 'AADSTS50173',
      meaning: 'Tokens revoked',
      likelyCause: 'Password change, admin revocation',
      whatToDo: 'Sign in again',
    },
  ]),
  ...of('user', pages.errorReference, [
    {
      code: 'AADSTS50034',
      meaning: 'User not in the directory',
      likelyCause: 'Not synchronized, wrong UPN, wrong tenant',
      whatToDo: 'Check sync',
    },
    {
      code: 'AADSTS50053',
      meaning: 'Account locked or address malicious',
      likelyCause: 'Smart lockout or bad IP reputation',
      whatToDo: 'Read the failure reason',
    },
    {
      code: 'AADSTS50056',
      meaning: 'No password in the directory',
      likelyCause: 'Password hash not synchronized yet',
      whatToDo: 'Check password hash sync',
    },
    {
      code: 'AADSTS50057',
      meaning: 'Account disabled',
      likelyCause: 'Disabled in AD',
      whatToDo: 'Enable',
    },
    {
      code: 'AADSTS50126',
      meaning: 'Wrong user name or password',
      likelyCause: 'User error; with PTA also a UPN mismatch',
      whatToDo: 'Check UPN; test with the on-premises logon troubleshooter',
    },
    {
      code: 'AADSTS50144',
      meaning: 'AD password expired',
      likelyCause: 'Expired on-premises',
      whatToDo: 'Change it',
    },
  ]),
  ...of('federation', pages.errorReference, [
    {
      code: 'AADSTS50107',
      meaning: 'Federation realm unknown',
      likelyCause: 'Issuer URI mismatch',
      whatToDo: 'Check domain federation settings',
    },
    {
      code: 'AADSTS50008',
      meaning: 'SAML token not valid',
      likelyCause: 'Federation provider claims',
      whatToDo: 'Check token and certificate',
    },
  ]),
  ...of('user', pages.errorReference, [
    {
      code: 'AADSTS51004',
      meaning: 'Account not in directory',
      likelyCause: 'Wrong tenant',
      whatToDo: 'Invite or use right tenant',
    },
    {
      code: 'AADSTS90072',
      meaning: 'External account missing, or sourceAnchor mismatch',
      likelyCause: 'ImmutableID differs between AD and Entra',
      whatToDo: 'Fix the anchor',
    },
  ]),
  ...of('pta', pages.ptaTroubleshooting, [
    {
      code: 'AADSTS80001',
      meaning: 'No agent could serve: no agent available, or agent cannot reach AD',
      likelyCause: 'All agents inactive (443 out blocked) or agent cut off from DC',
      whatToDo: 'Check agent state, then 443 out, then DC ports',
      note: 'The error page says "agent cannot reach AD"; the PTA page lists both readings',
    },
  ]),
  ...of('pta', pages.errorReference, [
    {
      code: 'AADSTS80002',
      meaning: 'Password validation timed out',
      likelyCause: 'DC slow or unreachable from the agent',
      whatToDo: 'Check agent to DC path',
    },
  ]),
  ...of('pta', pages.ptaTroubleshooting, [
    {
      code: 'AADSTS80003',
      meaning: 'Agent got an invalid response',
      likelyCause: 'AD configuration',
      whatToDo: 'Check AD and agent log',
    },
    {
      code: 'AADSTS80004',
      meaning: 'User name not valid for the agent',
      likelyCause: 'UPN mismatch',
      whatToDo: 'Check UPN',
    },
  ]),
  ...of('pta', pages.errorReference, [
    {
      code: 'AADSTS80005',
      meaning: 'Unexpected web exception',
      likelyCause: 'Transient or proxy interference',
      whatToDo: 'Retry; check proxy',
    },
    {
      code: 'AADSTS80007',
      meaning: 'Agent cannot validate the password',
      likelyCause: 'AD not reachable, "Log On To" list',
      whatToDo: 'Check agent to DC path and user restriction',
    },
    {
      code: 'AADSTS80010',
      meaning: 'Agent cannot decrypt the password',
      likelyCause: 'Agent key problem',
      whatToDo: 'Register a new agent, remove the old',
      relatedCodes: ['AADSTS80011'],
    },
    {
      code: 'AADSTS80012',
      meaning: 'Outside allowed logon hours',
      likelyCause: 'AD logon hours',
      whatToDo: 'Change hours',
    },
    {
      code: 'AADSTS80013',
      meaning: 'Time skew between agent and AD',
      likelyCause: 'NTP',
      whatToDo: 'Fix time (UDP 123)',
    },
    {
      code: 'AADSTS80014',
      meaning: 'Answer came too late',
      likelyCause: 'Slow path agent to cloud or to DC',
      whatToDo: 'Move agents near DCs; check proxy',
    },
  ]),
  ...of('sso', pages.ssoTroubleshooting, [
    {
      code: '81001',
      meaning: 'Kerberos ticket too large',
      likelyCause: 'Too many groups; 50 KB header limit',
      whatToDo: 'Reduce groups',
    },
    {
      code: 'AADSTS81002',
      meaning: 'Kerberos ticket not validated',
      likelyCause: 'Key of AZUREADSSOACC differs, encryption type',
      whatToDo: 'See checklist; roll the key',
      relatedCodes: ['AADSTS81003', 'AADSTS81008', 'AADSTS81009'],
    },
  ]),
  ...of('sso', pages.errorReference, [
    {
      code: 'AADSTS81004',
      meaning: 'Kerberos attempt failed',
      likelyCause: 'No ticket; not domain joined; DC out of reach',
      whatToDo: 'Check DC path and zone',
    },
    {
      code: 'AADSTS81006',
      meaning: 'No authorization header',
      likelyCause: 'Host not in the Intranet zone, or proxy strips Negotiate',
      whatToDo: 'Add autologon host to Intranet zone; check proxy',
    },
    {
      code: 'AADSTS81007',
      meaning: 'Tenant not enabled for Seamless SSO',
      likelyCause: 'Feature off',
      whatToDo: 'Enable',
    },
    {
      code: 'AADSTS81010',
      meaning: 'Ticket expired or invalid',
      likelyCause: 'Clock or stale ticket',
      whatToDo: 'Sign in from a domain-joined device on the corporate network; fix clock; klist purge',
    },
    {
      code: 'AADSTS81011',
      meaning: 'User not found from ticket',
      likelyCause: 'Not synchronized',
      whatToDo: 'Synchronize',
      relatedCodes: ['81013'],
    },
    {
      code: 'AADSTS81012',
      meaning: 'Different user on device and in request',
      likelyCause: 'Other account chosen',
      whatToDo: 'Use the right account',
    },
    {
      code: 'AADSTS50180',
      meaning: 'Integrated Windows authentication needed',
      likelyCause: 'Seamless SSO not enabled',
      whatToDo: 'Enable',
    },
  ]),
  ...of('writeback', pages.errorReference, [
    {
      code: 'AADSTS120013',
      meaning: 'On-premises connectivity failure at password change',
      likelyCause: 'Relay to Connect down',
      whatToDo: 'Check Service Bus path',
    },
  ]),
  ...of('device', pages.errorReference, [
    {
      code: 'AADSTS240001',
      meaning: 'User may not register devices',
      likelyCause: 'Device settings',
      whatToDo: 'Allow',
    },
  ]),
  ...of('oauth', pages.errorReference, [
    {
      code: 'invalid_client',
      meaning: 'Client authentication failed',
      likelyCause: 'Secret or certificate',
      whatToDo: 'See AADSTS70002, 7000215, 7000222',
    },
    {
      code: 'invalid_grant',
      meaning: 'Code, refresh token or PKCE not usable',
      likelyCause: 'Expired, redeemed, other tenant, or CA demand',
      whatToDo: 'Look at error_codes; new authorization request',
    },
    {
      code: 'interaction_required',
      meaning: 'User must act',
      likelyCause: 'MFA, consent or CA',
      whatToDo: 'Interactive request, with the claims value if one came',
    },
    {
      code: 'temporarily_unavailable',
      meaning: 'Service busy',
      likelyCause: 'Service side',
      whatToDo: 'Retry later',
    },
  ]),
  ...of('oauth', pages.claimsChallenge, [
    {
      code: 'insufficient_claims',
      meaning: 'API asks for a stronger token (claims challenge)',
      likelyCause: 'Conditional Access authentication context or CAE',
      whatToDo: 'Send the decoded claims value to /authorize',
    },
  ]),
  ...of('connect-wizard', pages.connectivity, [
    {
      code: 'HTTP 403 from proxy',
      meaning: 'Proxy refuses the URL',
      likelyCause: 'URL not opened',
      whatToDo:
        'Open the URL; rerun Invoke-WebRequest https://adminwebservice.microsoftonline.com/ProvisioningService.svc',
    },
    {
      code: 'HTTP 407 from proxy',
      meaning: 'Proxy wants a sign-in',
      likelyCause: 'useDefaultCredentials missing or service account not a domain account',
      whatToDo: 'Set machine.config; domain service account',
    },
  ]),
  ...of('connector', pages.connectorProxy, [
    {
      code: 'HTTP 502 from proxy',
      meaning: 'Proxy cannot or will not tunnel',
      likelyCause: 'CONNECT not allowed',
      whatToDo: 'Allow CONNECT 443 and 80',
    },
  ]),
  ...of('connect-wizard', pages.connectivity, [
    {
      code: 'Unable to connect to the remote server',
      meaning: 'Direct attempt failed',
      likelyCause: 'machine.config has no proxy, or DNS',
      whatToDo: 'Fix machine.config or DNS',
    },
    {
      code: 'Unable to validate credentials',
      meaning: 'Wizard cannot reach the proxy or sign in',
      likelyCause: 'machine.config',
      whatToDo: 'Fix proxy, then retry',
    },
    {
      code: 'script error on the MFA page',
      meaning: 'MFA resources not reached',
      likelyCause: 'secure.aadcdn.microsoftonline-p.com blocked',
      whatToDo: 'Allow and trust the host',
    },
    {
      code: 'User realm discovery failed',
      meaning: 'Network or proxy',
      likelyCause: 'Login host not reachable',
      whatToDo: 'Check path to login.microsoftonline.com',
    },
    {
      code: 'Invalid grant',
      meaning: 'Wrong user or password',
      likelyCause: 'Wrong or temporary password',
      whatToDo: 'Sign in elsewhere first',
    },
    {
      code: 'Unknown user type',
      meaning: 'Directory not found for the name',
      likelyCause: 'Unverified domain',
      whatToDo: 'Use a verified domain or onmicrosoft account',
    },
    {
      code: 'User password expired',
      meaning: 'Expired',
      likelyCause: 'Expired',
      whatToDo: 'Change it',
    },
    {
      code: 'Authentication canceled',
      meaning: 'MFA cancelled',
      likelyCause: 'User',
      whatToDo: 'Retry',
    },
    {
      code: 'Unspecified authentication failure',
      meaning: 'Often a personal Microsoft account',
      likelyCause: 'Wrong account type',
      whatToDo: 'Use a work account',
    },
  ]),
  ...of('connect-wizard', pages.tlsEnforcement, [
    {
      code: 'The underlying connection was closed',
      meaning: 'TLS not agreed or cut',
      likelyCause: 'TLS 1.2 not enabled for .NET, or inspection',
      whatToDo: 'Check registry values and chain',
    },
  ]),
  ...of('agent', pages.ptaLegacyReport, [
    {
      code: 'Could not establish trust relationship for the SSL/TLS secure channel',
      meaning: 'Chain not trusted',
      likelyCause: 'TLS inspection, missing root, blocked root list update',
      whatToDo: 'Compare the chain with the roots that Microsoft publishes; exempt the name from inspection',
    },
    {
      code: 'The remote name could not be resolved',
      meaning: 'DNS',
      likelyCause: 'No public DNS on the server, or CNAME chain filtered',
      whatToDo: 'Resolve every name of the CNAME chain',
    },
  ]),
  ...of('federation', pages.adFsHardening, [
    {
      code: 'MEX endpoint cannot be read',
      meaning: 'WS-Trust metadata exchange failed',
      likelyCause: 'AD FS /adfs/services/trust/mex blocked, 503, or proxy in the way',
      whatToDo: 'Open mex and usernamemixed on WAP; check certificate',
      confidence: 'medium',
    },
  ]),
  ...of('writeback', pages.writebackTroubleshooting, [
    {
      code: 'event 6800',
      meaning: 'Writeback endpoint did not start',
      likelyCause: 'Onboarding or WCF failure',
      whatToDo: 'Read PasswordResetService events; restart ADSync',
    },
    {
      code: 'event 32002',
      meaning: 'Cannot reach Service Bus',
      likelyCause: 'Firewall blocks *.servicebus.windows.net',
      whatToDo: 'Open 443; restart',
    },
    {
      code: 'event 32009',
      meaning: 'No token',
      likelyCause: 'Wrong password or federated admin account at set-up',
      whatToDo: 'Use a cloud account; check the password',
    },
    {
      code: 'hr=800700CE',
      meaning: 'Name too long',
      likelyCause: 'Password of the AD DS connector account over 256 characters',
      whatToDo: 'Shorten it, then enter it under Connectors, Credentials in Synchronization Service Manager',
    },
  ]),
  ...of('tls', hpcScript, [
    {
      code: 'openssl verify error 20',
      meaning: 'Issuer not found locally',
      likelyCause: 'Incomplete chain from the server, or inspection CA not trusted',
      whatToDo: 'Fetch the issuer by AIA and compare with the published roots before calling it interception',
    },
  ]),
  ...of('token', aspNetReport, [
    {
      code: 'IDX10501',
      meaning: 'Signing key not found',
      likelyCause: 'Key rollover with a stale cache, or keys endpoint blocked',
      whatToDo: 'Refresh on unknown kid (at most every 5 minutes), merge keys, keep 24 h',
    },
  ]),
]
