import type { NameFeature } from './nameRow.ts'
import { pages } from './pages.ts'

/** A feature whose TLS Microsoft wants left alone. */
export interface InspectionRule {
  readonly feature: NameFeature
  /** In the page's terms: what it says, and how strongly. */
  readonly says: string
  /** The only name that it is about; absent: every name of the feature's list. */
  readonly name?: string
  readonly source: string
  readonly asOf: string
}

/** Where Microsoft does not support TLS inspection, or warns of it. */
export const inspectionForbidden: readonly InspectionRule[] = [
  { feature: 'connect-sync', says: 'not supported', ...pages.connectPrerequisites },
  { feature: 'pass-through-authentication', says: 'avoid all forms', ...pages.ptaQuickStart },
  { feature: 'application-proxy', says: 'do not use; the client certificate is lost', ...pages.connectorProxy },
  { feature: 'cloud-sync', says: 'avoid (troubleshooting page)', ...pages.cloudSyncTroubleshooting },
  {
    feature: 'connect-health',
    says: 'registration or upload may fail; the same page also says not to disable inspection of these names',
    ...pages.healthAgent,
  },
  {
    feature: 'hybrid-join',
    says: 'must be excluded: the device presents a client certificate',
    name: 'device.login.microsoftonline.com',
    ...pages.hybridJoin,
  },
  { feature: 'ad-fs', says: 'TLS must not end at the load balancer', ...pages.adFsRequirements },
]
