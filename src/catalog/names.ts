import { clouds } from '../model/cloud.ts'
import type { NameRow } from './nameRow.ts'
import { pages } from './pages.ts'

type Wire = Pick<NameRow, 'ports' | 'scheme'>
type Entry = Wire & Pick<NameRow, 'pattern' | 'required' | 'purpose'>

const https: Wire = { ports: [443], scheme: 'https' }
const http: Wire = { ports: [80], scheme: 'http' }
const web: Wire = { ports: [80, 443], scheme: 'https' }
const status: Wire = { ports: [8080], scheme: 'https' }
const amqps: Wire = { ports: [5671], scheme: 'amqps' }

const worldwide = { clouds: ['worldwide'] } as const
const bothGovernmentClouds = { clouds: ['usgov-gcchigh', 'usgov-dod'] } as const
const gccHigh = { clouds: ['usgov-gcchigh'] } as const
const dod = { clouds: ['usgov-dod'] } as const
const china = { clouds: ['china'] } as const
const customer = { clouds, only: 'customer' } as const
const germany = { clouds: [], only: 'germany-retired' } as const

/** Names that must be allowed. */
function needs(wire: Wire, purpose: string, patterns: readonly string[]): Entry[] {
  return patterns.map((pattern) => ({ pattern, ...wire, required: true, purpose }))
}

/** Names that are optional, or wanted only for the purpose named. */
function may(wire: Wire, purpose: string, patterns: readonly string[]): Entry[] {
  return patterns.map((pattern) => ({ pattern, ...wire, required: false, purpose }))
}

function list(of: Omit<NameRow, keyof Entry>, entries: readonly Entry[]): NameRow[] {
  return entries.map((entry) => ({ ...of, ...entry }))
}

/** Every name and pattern that Microsoft publishes for a feature and a cloud, in the order of its pages. */
export const nameRows: readonly NameRow[] = [
  ...list({ feature: 'connect-sync', ...worldwide, ...pages.connectivity }, [
    ...needs(https, 'sign-in and discovery of the regional service', [
      'login.microsoftonline.com',
      'login.windows.net',
      'adminwebservice.microsoftonline.com',
      'provisioningapi.microsoftonline.com',
    ]),
    ...needs(https, 'directory configuration, import, export (regional hosts are handed out at run time)', [
      '*.microsoftonline.com',
    ]),
    ...needs(https, 'Azure services', ['*.management.core.windows.net', '*.graph.windows.net']),
    ...may(https, 'MFA page during set-up; must also be a trusted site', ['secure.aadcdn.microsoftonline-p.com']),
    ...needs(
      http,
      'revocation (the page writes a leading star for hosts that really are the bare names, so match both forms)',
      [
        'mscrl.microsoft.com',
        '*.verisign.com',
        '*.entrust.net',
        '*.crl3.digicert.com',
        '*.crl4.digicert.com',
        '*.digicert.cn',
        '*.ocsp.digicert.com',
        '*.www.d-trust.net',
        '*.root-c3-ca2-2009.ocsp.d-trust.net',
        '*.crl.microsoft.com',
        '*.oneocsp.microsoft.com',
        '*.ocsp.msocsp.com',
      ],
    ),
    ...may(https, 'telemetry; safe to block', ['dc.services.visualstudio.com']),
  ]),
  ...list({ feature: 'connect-sync', ...bothGovernmentClouds, ...pages.instances }, [
    ...needs(https, 'sync; the page adds "certificate revocation lists" without naming hosts, see feature revocation', [
      '*.microsoftonline.com',
    ]),
    ...needs(https, 'sync', ['*.microsoftonline.us', '*.gov.us.microsoftonline.com']),
    ...needs(https, 'automatic cloud detection; else registry AzureInstance=4 is needed', ['*.windows.net']),
  ]),
  ...list({ feature: 'connect-sync', ...china, ...pages.m365ListChina }, [
    ...needs(
      web,
      'endpoint set 10 (Allow, required); holds the provisioning hosts, no Entra page lists sync hosts for this cloud',
      ['*.partner.microsoftonline.cn'],
    ),
  ]),
  ...list({ feature: 'pass-through-authentication', ...worldwide, ...pages.ptaQuickStart }, [
    ...needs(https, 'service traffic and sign-in requests', ['*.msappproxy.net', '*.servicebus.windows.net']),
    ...may(status, 'status report every 10 minutes only when 443 is not available', ['*.msappproxy.net']),
    ...needs(https, 'registration', ['login.windows.net', 'login.microsoftonline.com']),
    ...may(https, 'only with an outgoing HTTP proxy; list the exact name', ['autologon.microsoftazuread-sso.com']),
    ...needs(http, 'certificate validation', [
      'crl3.digicert.com',
      'crl4.digicert.com',
      'ocsp.digicert.com',
      'www.d-trust.net',
      'root-c3-ca2-2009.ocsp.d-trust.net',
      'crl.microsoft.com',
      'oneocsp.microsoft.com',
      'ocsp.msocsp.com',
    ]),
  ]),
  ...list({ feature: 'pass-through-authentication', ...bothGovernmentClouds, ...pages.governmentCloud }, [
    ...needs(https, 'service traffic', ['*.msappproxy.us', '*.servicebus.usgovcloudapi.net']),
    ...needs(http, 'certificate validation', [
      'mscrl.microsoft.us',
      'crl.microsoft.us',
      'ocsp.msocsp.us',
      'www.microsoft.us',
    ]),
    ...needs(https, 'registration', [
      'login.windows.us',
      'secure.aadcdn.microsoftonline-p.com',
      '*.microsoftonline.us',
      '*.microsoftonline-p.us',
      '*.msauth.net',
      '*.msauthimages.net',
      '*.msecnd.net',
      '*.msftauth.net',
      '*.msftauthimages.net',
      '*.phonefactor.net',
      'enterpriseregistration.windows.net',
      'management.azure.com',
      'policykeyservice.dc.ad.msft.net',
    ]),
    ...needs(http, 'root list', ['ctldl.windowsupdate.us']),
  ]),
  ...list({ feature: 'application-proxy', ...bothGovernmentClouds, ...pages.governmentCloud }, [
    ...needs(https, 'service traffic', ['*.msappproxy.us', '*.servicebus.usgovcloudapi.net']),
    ...needs(http, 'certificate validation', [
      'mscrl.microsoft.us',
      'crl.microsoft.us',
      'ocsp.msocsp.us',
      'www.microsoft.us',
    ]),
    ...needs(https, 'registration', [
      'login.windows.us',
      'secure.aadcdn.microsoftonline-p.com',
      '*.microsoftonline.us',
      '*.microsoftonline-p.us',
      '*.msauth.net',
      '*.msauthimages.net',
      '*.msecnd.net',
      '*.msftauth.net',
      '*.msftauthimages.net',
      '*.phonefactor.net',
      'enterpriseregistration.windows.net',
      'management.azure.com',
      'policykeyservice.dc.ad.msft.net',
    ]),
    ...needs(http, 'root list', ['ctldl.windowsupdate.us']),
  ]),
  ...list({ feature: 'seamless-sso', part: 'client', ...worldwide, ...pages.ssoQuickStart }, [
    ...needs(https, 'Kerberos ticket hand-over by the client; exact name, Intranet zone', [
      'autologon.microsoftazuread-sso.com',
    ]),
  ]),
  ...list({ feature: 'seamless-sso', part: 'set-up', ...worldwide, ...pages.ssoQuickStart }, [
    ...needs(https, 'enabling the feature with password hash sync (set-up only)', [
      '*.msappproxy.net',
      '{tenantId}.registration.msappproxy.net',
    ]),
  ]),
  ...list({ feature: 'seamless-sso', part: 'client', ...bothGovernmentClouds, ...pages.governmentCloud }, [
    ...needs(https, 'Kerberos ticket hand-over by the client', ['autologon.microsoft.us']),
  ]),
  ...list({ feature: 'seamless-sso', part: 'set-up', ...bothGovernmentClouds, ...pages.governmentCloud }, [
    ...needs(https, 'enabling the feature (set-up only)', ['*.msappproxy.us']),
  ]),
  ...list({ feature: 'connect-health', ...worldwide, ...pages.healthAgent }, [
    ...needs(https, 'registration, policy, upload, update', [
      '*.blob.core.windows.net',
      '*.aadconnecthealth.azure.com',
      '*.adhybridhealth.azure.com',
      'management.azure.com',
      'policykeyservice.dc.ad.msft.net',
      'login.windows.net',
      'login.microsoftonline.com',
      'secure.aadcdn.microsoftonline-p.com',
      'aadcdn.msftauth.net',
      'aadcdn.msauth.net',
      'autoupdate.msappproxy.net',
      'www.microsoft.com',
    ]),
    ...may(amqps, 'old agents; falls back to 443; not needed by current agents', ['*.servicebus.windows.net']),
    ...may(https, 'discovery during registration', ['www.office.com']),
    ...needs(http, 'certificate checks', ['www.microsoft.com']),
  ]),
  ...list({ feature: 'connect-health', ...bothGovernmentClouds, ...pages.healthAgent }, [
    ...needs(https, 'registration, policy, upload, update', [
      '*.blob.core.usgovcloudapi.net',
      '*.aadconnecthealth.microsoftazure.us',
      'management.usgovcloudapi.net',
      'policykeyservice.aadcdi.azure.us',
      'login.microsoftonline.us',
      'secure.aadcdn.microsoftonline-p.com',
      'aadcdn.msftauth.net',
      'aadcdn.msauth.net',
      'autoupdate.msappproxy.us',
      'www.microsoft.com',
    ]),
    ...needs(https, 'upload; the row names no port', ['*.servicebus.usgovcloudapi.net']),
    ...may(https, 'discovery during registration', ['www.office.com']),
    ...needs(http, 'certificate checks', ['www.microsoft.com']),
  ]),
  ...list({ feature: 'cloud-sync', ...worldwide, ...pages.cloudSync }, [
    ...needs(https, 'service traffic', [
      '*.msappproxy.net',
      '*.servicebus.windows.net',
      '*.microsoftonline.com',
      '*.microsoft.com',
      '*.msappproxy.com',
      '*.windowsazure.com',
    ]),
    ...needs(http, 'certificate validation', [
      'mscrl.microsoft.com',
      'crl.microsoft.com',
      'ocsp.msocsp.com',
      'www.microsoft.com',
    ]),
    ...needs(https, 'registration', ['login.windows.net']),
    ...may(status, 'status report when 443 is not available', ['*.msappproxy.net']),
  ]),
  ...list({ feature: 'cloud-sync', ...bothGovernmentClouds, ...pages.cloudSync }, [
    ...needs(https, 'service traffic', ['*.msappproxy.us', '*.servicebus.usgovcloudapi.net']),
    ...needs(http, 'certificate validation', [
      'mscrl.microsoft.us',
      'crl.microsoft.us',
      'ocsp.msocsp.us',
      'www.microsoft.us',
    ]),
    ...needs(https, 'registration (mfstauthimages.us is spelt so on the page; msftauthimages.us is probably meant)', [
      'login.windows.us',
      'secure.aadcdn.microsoftonline-p.com',
      '*.microsoftonline.us',
      '*.microsoftonline-p.us',
      '*.msauth.net',
      '*.msauthimages.net',
      '*.msecnd.net',
      '*.msftauth.net',
      '*.msftauthimages.net',
      '*.phonefactor.net',
      'enterpriseregistration.windows.net',
      'management.azure.com',
      'policykeyservice.dc.ad.msft.net',
      'aadcdn.msftauthimages.us',
      '*.microsoft.us',
      'msauthimages.us',
      'mfstauthimages.us',
    ]),
    ...needs(http, 'root list', ['ctldl.windowsupdate.us']),
  ]),
  ...list({ feature: 'application-proxy', ...worldwide, ...pages.connectors }, [
    ...needs(https, 'service traffic', ['*.msappproxy.net', '*.servicebus.windows.net']),
    ...needs(http, 'certificate validation', [
      'crl3.digicert.com',
      'crl4.digicert.com',
      'ocsp.digicert.com',
      'crl.microsoft.com',
      'oneocsp.microsoft.com',
      'ocsp.msocsp.com',
    ]),
    ...needs(https, 'registration and later', [
      'login.windows.net',
      'secure.aadcdn.microsoftonline-p.com',
      '*.microsoftonline.com',
      '*.microsoftonline-p.com',
      '*.msauth.net',
      '*.msauthimages.net',
      '*.msecnd.net',
      '*.msftauth.net',
      '*.msftauthimages.net',
      '*.phonefactor.net',
      'enterpriseregistration.windows.net',
      'management.azure.com',
      'ctldl.windowsupdate.com',
      'www.microsoft.com/pkiops',
    ]),
    ...needs(http, 'root list, CA certificates', ['ctldl.windowsupdate.com', 'www.microsoft.com/pkiops']),
  ]),
  ...list({ feature: 'application-proxy', ...worldwide, ...pages.connectorProxy }, [
    ...may(https, 'listed in the proxy article (2024-02-23), dropped from the newer connector page', [
      'policykeyservice.dc.ad.msft.net',
    ]),
  ]),
  ...list({ feature: 'password-writeback', ...worldwide, ...pages.writebackTroubleshooting }, [
    ...needs(https, 'relay for reset requests', ['*.passwordreset.microsoftonline.com', '*.servicebus.windows.net']),
    ...may(https, 'host named for the connection test', ['ssprdedicatedsbprodscu.servicebus.windows.net']),
  ]),
  ...list({ feature: 'password-writeback', ...bothGovernmentClouds, ...pages.writebackTroubleshooting }, [
    ...needs(https, 'relay for reset requests', [
      '*.passwordreset.microsoftonline.us',
      '*.servicebus.usgovcloudapi.net',
    ]),
  ]),
  ...list({ feature: 'password-writeback', ...china, ...pages.writebackTroubleshooting }, [
    ...needs(https, 'relay for reset requests', [
      'ssprdedicatedsbmcprodcne.servicebus.chinacloudapi.cn',
      'ssprdedicatedsbmcprodcnn.servicebus.chinacloudapi.cn',
    ]),
  ]),
  ...list({ feature: 'password-protection', ...worldwide, ...pages.passwordProtection }, [
    ...needs(https, 'authentication, policy, update; the application-proxy list is needed too', [
      'login.microsoftonline.com',
      'enterpriseregistration.windows.net',
      'autoupdate.msappproxy.net',
    ]),
  ]),
  ...list({ feature: 'hybrid-join', ...worldwide, ...pages.hybridJoin }, [
    ...needs(https, 'device registration; device.login must not be inspected', [
      'enterpriseregistration.windows.net',
      'login.microsoftonline.com',
      'device.login.microsoftonline.com',
    ]),
    ...may(https, 'with Seamless SSO', ['autologon.microsoftazuread-sso.com']),
  ]),
  ...list({ feature: 'hybrid-join', ...bothGovernmentClouds, ...pages.hybridJoin }, [
    ...needs(https, 'device registration', [
      'enterpriseregistration.windows.net',
      'enterpriseregistration.microsoftonline.us',
      'login.microsoftonline.us',
      'device.login.microsoftonline.us',
    ]),
    ...may(https, 'with Seamless SSO', ['autologon.microsoft.us']),
  ]),
  ...list({ feature: 'sign-in', part: 'authority', ...worldwide, ...pages.nationalClouds }, [
    ...needs(https, 'token, authorize, discovery, keys', ['login.microsoftonline.com']),
  ]),
  ...list({ feature: 'sign-in', part: 'authority', ...bothGovernmentClouds, ...pages.nationalClouds }, [
    ...needs(https, 'token, authorize, discovery, keys (L4 and L5/DoD share it)', ['login.microsoftonline.us']),
  ]),
  ...list({ feature: 'sign-in', part: 'authority', ...china, ...pages.nationalClouds }, [
    ...needs(https, 'token, authorize, discovery, keys', ['login.partner.microsoftonline.cn']),
  ]),
  ...list({ feature: 'sign-in', ...germany, ...pages.nationalClouds }, [
    ...may(https, 'cloud closed 2021-10-29; a configured host is a finding', [
      'login.microsoftonline.de',
      '*.microsoftonline.de',
    ]),
  ]),
  ...list({ feature: 'graph', ...worldwide, ...pages.m365Lists }, [
    ...needs(https, 'Microsoft Graph', ['graph.microsoft.com']),
  ]),
  ...list({ feature: 'graph', ...gccHigh, ...pages.m365Lists }, [
    ...needs(https, 'Microsoft Graph, GCC High', ['graph.microsoft.us']),
  ]),
  ...list({ feature: 'graph', ...dod, ...pages.m365Lists }, [
    ...needs(https, 'Microsoft Graph, DoD', ['dod-graph.microsoft.us']),
  ]),
  ...list({ feature: 'graph', ...china, ...pages.m365ListChina }, [
    ...needs(https, 'Microsoft Graph, 21Vianet', ['microsoftgraph.chinacloudapi.cn']),
  ]),
  ...list({ feature: 'graph', ...worldwide, ...pages.m365Lists }, [
    ...may(https, 'Azure AD Graph, retired API but still named in overage claims and lists', ['graph.windows.net']),
  ]),
  ...list({ feature: 'sign-in', ...worldwide, ...pages.m365Lists }, [
    ...needs(web, 'endpoint set 56 (Allow, required), has IP ranges', [
      '*.auth.microsoft.com',
      '*.msftidentity.com',
      '*.msidentity.com',
      'account.activedirectory.windowsazure.com',
      'accounts.accesscontrol.windows.net',
      'api.passwordreset.microsoftonline.com',
      'becws.microsoftonline.com',
      'ccs.login.microsoftonline.com',
      'clientconfig.microsoftonline-p.net',
      'companymanager.microsoftonline.com',
      'device.login.microsoftonline.com',
      'login.microsoft.com',
      'login.microsoftonline-p.com',
      'login.windows.net',
      'logincert.microsoftonline.com',
      'loginex.microsoftonline.com',
      'login-us.microsoftonline.com',
      'nexus.microsoftonline-p.com',
      'passwordreset.microsoftonline.com',
    ]),
    ...needs(web, 'endpoint set 59 (Default, required), no IP ranges published: cannot be allowed by address', [
      '*.hip.live.com',
      '*.microsoftonline.com',
      '*.microsoftonline-p.com',
      '*.msauth.net',
      '*.msauthimages.net',
      '*.msecnd.net',
      '*.msftauth.net',
      '*.msftauthimages.net',
      '*.phonefactor.net',
      'enterpriseregistration.windows.net',
      'policykeyservice.dc.ad.msft.net',
    ]),
  ]),
  ...list({ feature: 'sign-in', ...bothGovernmentClouds, ...pages.m365Lists }, [
    ...needs(https, 'endpoint set 13', [
      '*.auth.microsoft.us',
      '*.gov.us.microsoftonline.com',
      'graph.microsoftazure.us',
    ]),
    ...needs(https, 'endpoint set 14: the government clouds still need worldwide sign-in hosts', [
      '*.msauth.net',
      '*.msauthimages.us',
      '*.msftauth.net',
      '*.msftauthimages.us',
      'clientconfig.microsoftonline-p.net',
      'graph.windows.net',
      'login.microsoftonline.com',
      'login.microsoftonline-p.com',
      'login.windows.net',
      'loginex.microsoftonline.com',
      'login-us.microsoftonline.com',
    ]),
    ...needs(
      https,
      'endpoint set 14: the government clouds still need worldwide sign-in hosts; the list gives 443 only, CRLs are fetched on 80',
      ['mscrl.microsoft.com'],
    ),
    ...needs(https, 'endpoint set 14: the government clouds still need worldwide sign-in hosts', [
      'nexus.microsoftonline-p.com',
      'secure.aadcdn.microsoftonline-p.com',
    ]),
  ]),
  ...list({ feature: 'sign-in', ...china, ...pages.m365ListChina }, [
    ...needs(web, 'endpoint sets 13 and 17: China also needs login.microsoftonline.com', [
      '*.auth.microsoft.cn',
      '*.msauth.cn',
      '*.msauthimages.cn',
      '*.msftauth.cn',
      '*.msftauthimages.cn',
      'login.microsoftonline.com',
    ]),
  ]),
  ...list({ feature: 'ad-fs', part: 'federation', ...customer, ...pages.adFsRequirements }, [
    ...needs(https, 'federation service', ['{federationServiceName}']),
  ]),
  ...list({ feature: 'ad-fs', part: 'certificate', ...customer, ...pages.adFsRequirements }, [
    ...may(https, 'certificate authentication on 443', ['certauth.{federationServiceName}']),
  ]),
  ...list({ feature: 'ad-fs', part: 'federation', ...customer, ...pages.adFsRequirements }, [
    ...may(https, 'device registration, each UPN suffix', ['enterpriseregistration.{upnSuffix}']),
  ]),
  ...list({ feature: 'scim', ...worldwide, ...pages.scim }, [
    ...needs(https, 'source addresses of the provisioning service (service tag, compare by containment)', [
      'tag:AzureActiveDirectory',
    ]),
  ]),
  ...list({ feature: 'revocation', ...worldwide, ...pages.caDetails }, [
    ...needs(http, 'CRL', [
      'crl.microsoft.com',
      'crl3.digicert.com',
      'crl4.digicert.com',
      'crl.digicert.cn',
      'cdp.geotrust.com',
      'mscrl.microsoft.com',
      'www.microsoft.com',
    ]),
    ...needs(http, 'OCSP', [
      'ocsp.msocsp.com',
      'ocsp.digicert.com',
      'ocsp.digicert.cn',
      'oneocsp.microsoft.com',
      'status.geotrust.com',
    ]),
    ...needs(
      http,
      'issuer certificates (AIA); caissuers.microsoft.com serves the G2 hierarchy and is not on the 2023 page',
      [
        'cacerts.digicert.com',
        'cacerts.digicert.cn',
        'cacerts.geotrust.com',
        'www.microsoft.com',
        'caissuers.microsoft.com',
      ],
    ),
  ]),
]
