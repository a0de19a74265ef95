import type { FlowRow } from './flowRow.ts'
import { pages } from './pages.ts'
import { atSitePort, between, conditional, inferred, note, pairs, sourced, tcp, trap, when } from './sourced.ts'

/** SCIM, the ECMA host, and what Entra Connect needs besides the ports article. */
export const provisioningFlows: readonly FlowRow[] = [
  ...sourced(pages.scim, [
    {
      id: 'scim-in',
      table: 'scim',
      ...between('entra-provisioning', 'scim-app', 'inbound-internet'),
      protocol: 'HTTPS',
      pairs: [atSitePort('https', 'scim')],
      ...conditional(
        'SCIM provisioning to a reachable app without an agent',
        when({ features: ['scim'], absent: ['provisioning-agent'] }),
      ),
      phase: 'runtime',
      purpose: 'Entra ID calls the app; source addresses are the AzureActiveDirectory service tag',
      notes: [
        note('TLS 1.2, publicly trusted certificate, RSA 2048+/ECC 256+, ECDHE suites.'),
        note("With adfs-metadata, one of the two rows where Entra ID opens a connection towards the user's side."),
        note('TLS 1.2 only. The page also names the accepted root CA owners, and wants the suites in its order.'),
        note('443, or the port in the tenant URL, for example 8443.'),
        note('A site with a provisioning agent whose app is reached from outside all the same says so under flows:.'),
      ],
    },
  ]),
  ...sourced(pages.onPremisesScim, [
    {
      id: 'scim-agent',
      table: 'on-premises-scim',
      ...between('provisioning-agent', 'scim-app', 'internal'),
      protocol: 'HTTPS',
      pairs: [atSitePort('https', 'scim')],
      ...conditional('on-premises SCIM app', when({ features: ['scim'] })),
      phase: 'runtime',
      purpose: 'Agent relays SCIM; no inbound port',
      notes: [note('443, or the port in the tenant URL, for example 8443.')],
    },
  ]),
  ...sourced(pages.ecma, [
    {
      id: 'ecma-host',
      table: 'on-premises-ecma',
      ...between('provisioning-agent', 'ecma-connector-host', 'local'),
      protocol: 'HTTPS SCIM',
      pairs: [tcp('https', 8585)],
      ...conditional('ECMA connector host (SQL, LDAP, PowerShell, web services)', when({ features: ['ecma'] })),
      phase: 'runtime',
      purpose:
        'https://localhost:8585/ecma2host_<connector>/scim; a host name in place of localhost needs a CA certificate',
      notes: [note('Port configurable in the ECMA host settings.')],
    },
  ]),
  ...sourced(pages.connectPrerequisites, [
    {
      id: 'connect-sql',
      table: 'connect-prerequisites',
      ...between('entra-connect', 'sql-server', 'internal'),
      protocol: 'TDS',
      pairs: pairs.mssql,
      ...conditional('Connect uses a remote SQL Server', when({ features: ['remote-sql'] })),
      phase: 'runtime',
      purpose: 'ADSync database',
      notes: [
        inferred(
          'Named Pipes not supported; Azure SQL Database and Managed Instance not supported; 1433 is the SQL default, the page gives no number.',
        ),
      ],
    },
    {
      id: 'connect-proxy',
      table: 'connect-prerequisites',
      ...between('entra-connect', 'outbound-proxy', 'internal'),
      protocol: 'HTTP CONNECT',
      pairs: [atSitePort('http-connect', 'proxy')],
      ...conditional('an outbound proxy is used', when({ is: ['outbound-proxy'] })),
      phase: 'setup+runtime',
      purpose: 'machine.config defaultProxy, Framework64 v4.0.30319',
      notes: [
        trap('Restart of the sync service needed after a change.'),
        trap('Idle timeout 6 minutes or more.'),
        trap(
          'With proxy authentication the service account must be a domain account and useDefaultCredentials="true".',
        ),
        trap('Settings in miiserver.exe.config are lost at upgrade.'),
        note("The port is the site's own; 8080 in Microsoft's examples."),
      ],
    },
  ]),
  ...sourced(pages.connectivity, [
    {
      id: 'connect-mfa',
      table: 'connect-prerequisites',
      ...between('entra-connect', 'entra-id', 'outbound-internet'),
      protocol: 'HTTPS',
      pairs: pairs.https,
      ...conditional('the installing administrator has MFA', when({ is: ['installer-has-mfa'] })),
      phase: 'setup',
      purpose: 'MFA page resources',
      endpoints: ['secure.aadcdn.microsoftonline-p.com'],
    },
  ]),
]
