import type { Source } from '../model/flow.ts'

/** The pages that the catalog was read from, each with the date that the page itself carries. */
export const pages = {
  ports: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/reference-connect-ports.md',
    asOf: '2025-04-09',
  },
  connectPrerequisites: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/how-to-connect-install-prerequisites.md',
    asOf: '2025-09-29',
  },
  connectivity: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/tshoot-connect-connectivity.md',
    asOf: '2023-01-19',
  },
  instances: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/reference-connect-instances.md',
    asOf: '2025-04-09',
  },
  governmentCloud: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/reference-connect-government-cloud.md',
    asOf: '2025-04-09',
  },
  tlsEnforcement: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/reference-connect-tls-enforcement.md',
    asOf: '2021-09-14',
  },
  healthAgent: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/how-to-connect-health-agent-install.md',
    asOf: '2025-04-09',
  },
  ptaQuickStart: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/how-to-connect-pta-quick-start.md',
    asOf: '2025-04-09',
  },
  ptaTroubleshooting: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/tshoot-connect-pass-through-authentication.md',
    asOf: '2025-04-09',
  },
  ptaLegacyReport: { source: 'https://github.com/MicrosoftDocs/azure-docs/issues/81174', asOf: '2021-09-16' },
  ssoQuickStart: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/how-to-connect-sso-quick-start.md',
    asOf: '2025-04-09',
  },
  ssoTroubleshooting: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/connect/tshoot-connect-sso.md',
    asOf: '2023-11-06',
  },
  cloudSync: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/cloud-sync/how-to-prerequisites.md',
    asOf: '2025-04-09',
  },
  cloudSyncTroubleshooting: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/cloud-sync/how-to-troubleshoot.md',
    asOf: '2023-11-06',
  },
  connectors: {
    source: 'MicrosoftDocs/entra-docs: docs/global-secure-access/how-to-configure-connectors.md',
    asOf: '2026-02-04',
  },
  connectorProxy: {
    source:
      'MicrosoftDocs/entra-docs: docs/identity/app-proxy/application-proxy-configure-connectors-with-proxy-servers.md',
    asOf: '2024-02-23',
  },
  passwordProtection: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/authentication/howto-password-ban-bad-on-premises-deploy.md',
    asOf: '2025-03-04',
  },
  writebackTroubleshooting: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/authentication/troubleshoot-sspr-writeback.md',
    asOf: '2024-06-24',
  },
  hybridJoin: { source: 'MicrosoftDocs/entra-docs: docs/identity/devices/how-to-hybrid-join.md', asOf: '2024-02-26' },
  scim: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/app-provisioning/use-scim-to-provision-users-and-groups.md',
    asOf: '2025-04-09',
  },
  onPremisesScim: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/app-provisioning/on-premises-scim-provisioning.md',
    asOf: '2025-04-09',
  },
  ecma: {
    source: 'MicrosoftDocs/entra-docs: docs/identity/app-provisioning/on-premises-ecma-configure.md',
    asOf: '2025-04-09',
  },
  replyUrl: { source: 'MicrosoftDocs/entra-docs: docs/identity-platform/reply-url.md', asOf: '2022-08-25' },
  accessTokens: { source: 'MicrosoftDocs/entra-docs: docs/identity-platform/access-tokens.md', asOf: '2023-08-01' },
  accessTokenClaims: {
    source: 'MicrosoftDocs/entra-docs: docs/identity-platform/access-token-claims-reference.md',
    asOf: '2023-05-26',
  },
  claimsChallenge: {
    source: 'MicrosoftDocs/entra-docs: docs/identity-platform/claims-challenge.md',
    asOf: '2024-04-10',
  },
  signingKeyRollover: {
    source: 'MicrosoftDocs/entra-docs: docs/identity-platform/signing-key-rollover.md',
    asOf: '2024-10-28',
  },
  nationalClouds: {
    source: 'MicrosoftDocs/entra-docs: docs/identity-platform/authentication-national-cloud.md',
    asOf: '2025-01-15',
  },
  errorReference: {
    source: 'MicrosoftDocs/entra-docs: docs/identity-platform/reference-error-codes.md',
    asOf: '2024-04-24',
  },
  error900439: {
    source:
      'MicrosoftDocs/SupportArticles-docs: support/entra/entra-id/app-integration/error-aadsts900439-usgclientnotsupportedonpublicendpoint.md',
    asOf: '2025-03-31',
  },
  adFsRequirements: {
    source: 'MicrosoftDocs/windowsserverdocs: WindowsServerDocs/identity/ad-fs/overview/ad-fs-requirements.md',
    asOf: '2025-04-08',
  },
  adFsHardening: {
    source:
      'MicrosoftDocs/windowsserverdocs: WindowsServerDocs/identity/ad-fs/deployment/Best-Practices-Securing-AD-FS.md',
    asOf: '2024-02-13',
  },
  adFsInAzure: {
    source:
      'MicrosoftDocs/windowsserverdocs: WindowsServerDocs/identity/ad-fs/deployment/how-to-connect-fed-azure-adfs.md',
    asOf: '2025-04-08',
  },
  adFirewall: {
    source:
      'MicrosoftDocs/SupportArticles-docs: support/windows-server/active-directory/config-firewall-for-ad-domains-and-trusts.md',
    asOf: '2023-12-26',
  },
  windowsPorts: {
    source:
      'MicrosoftDocs/SupportArticles-docs: support/windows-server/networking/service-overview-and-network-port-requirements.md',
    asOf: '2020-09-08',
  },
  caDetails: {
    source: 'MicrosoftDocs/azure-docs: articles/security/fundamentals/azure-CA-details.md',
    asOf: '2023-11-27',
  },
  m365Lists: {
    source: 'MicrosoftDocs/microsoft-365-docs: microsoft-365/includes/, endpoint lists as generated',
    asOf: '2023-07-31',
  },
  m365ListChina: {
    source: 'MicrosoftDocs/microsoft-365-docs: microsoft-365/includes/, endpoint list 2023062900',
    asOf: '2023-06-29',
  },
} as const satisfies Readonly<Record<string, Source>>
