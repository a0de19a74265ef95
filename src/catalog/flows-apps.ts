import type { FlowRow } from './flowRow.ts'
import { pages } from './pages.ts'
import {
  atSitePort,
  between,
  conditional,
  inferred,
  never,
  note,
  pairs,
  required,
  sourced,
  tcp,
  trap,
  when,
} from './sourced.ts'

/** An own app behind Entra sign-in, and the flows that nothing needs. */
export const appFlows: readonly FlowRow[] = [
  ...sourced(pages.replyUrl, [
    {
      id: 'app-user',
      table: 'app-8443',
      ...between('user-client', 'app-8443', 'inbound'),
      protocol: 'HTTPS',
      pairs: [tcp('https', 8443)],
      ...conditional('an own app listens on 8443', when({ features: ['own-app'] })),
      phase: 'runtime',
      purpose: 'The browser, not Entra ID, comes to the app: the redirect is followed by the browser',
      notes: [
        trap('Opening 8443 to Entra address ranges is useless for sign-in: Entra ID never calls the redirect URI.'),
      ],
    },
  ]),
  ...sourced(pages.accessTokens, [
    {
      id: 'app-oidc',
      table: 'app-8443',
      ...between('app-8443', 'entra-id', 'outbound-internet'),
      protocol: 'HTTPS',
      pairs: pairs.https,
      ...required('an own app uses Entra ID', when({ features: ['own-app'] })),
      phase: 'runtime',
      purpose: 'Discovery, JWKS and token endpoint - always 443',
      names: 'sign-in',
      namesPart: 'authority',
      endpoints: ['login.microsoftonline.com'],
    },
  ]),
  ...sourced(pages.accessTokenClaims, [
    {
      id: 'app-graph',
      table: 'app-8443',
      ...between('app-8443', 'entra-id', 'outbound-internet'),
      protocol: 'HTTPS',
      pairs: pairs.https,
      ...conditional('groups overage or profile look-up', when({ features: ['own-app'], is: ['groups-overage'] })),
      phase: 'runtime',
      purpose: 'Graph call for group membership',
      names: 'graph',
      endpoints: ['graph.microsoft.com'],
    },
  ]),
  ...sourced(pages.nationalClouds, [
    {
      id: 'app-user-signin',
      table: 'app-8443',
      ...between('user-client', 'entra-id', 'outbound-internet'),
      protocol: 'HTTPS',
      pairs: pairs.https,
      ...required('sign-in', when({ features: ['own-app'] })),
      phase: 'runtime',
      purpose: 'Authorization request, static content, MFA',
      names: 'sign-in',
      endpoints: [
        'login.microsoftonline.com',
        '*.msauth.net',
        '*.msftauth.net',
        '*.msauthimages.net',
        '*.msftauthimages.net',
      ],
    },
  ]),
  ...sourced(pages.ports, [
    {
      id: 'neg-8443-entra',
      table: 'negative',
      ...between('any', 'entra-id', 'outbound-internet'),
      protocol: 'HTTPS',
      pairs: [tcp('https', 8443)],
      ...never,
      purpose: 'No Microsoft page for hybrid identity requires 8443 towards Entra ID; a rule that opens it is unneeded',
      notes: [note('Counter-claim found only in third-party posts.')],
    },
  ]),
  ...sourced(pages.connectorProxy, [
    {
      id: 'neg-inbound-connect',
      table: 'negative',
      ...between('internet', 'outbound-only', 'inbound-internet'),
      protocol: 'any',
      pairs: [atSitePort('any', 'any')],
      ...never,
      purpose: 'No inbound port from the internet to Connect, PTA agent, cloud sync agent or connector',
      notes: [inferred('The provisioning agent for on-premises apps is the same software as the one of Cloud Sync.')],
    },
  ]),
]
