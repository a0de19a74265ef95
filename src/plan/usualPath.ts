import type { FlowRow } from '../catalog/index.ts'
import type { Cloud } from '../model/cloud.ts'
import type { Service } from '../model/service.ts'
import type { Site } from '../model/site.ts'

/**
 * The path that shows more than an open port: what the service itself publishes without sign-in.
 *
 * Sources: OpenID Connect Discovery 1.0 §4 on Entra's authority hosts; AD FS requirements (`/adfs/probe` answers 200
 * on port 80); AD FS hardening article (federation metadata).
 */
export function usualPath(site: Site, row: FlowRow, service: Service, name: string | undefined): string | undefined {
  if (service !== 'https' && service !== 'http') return undefined
  const ofRow = pathOfRow[row.id]
  if (ofRow !== undefined) return ofRow
  if (name !== undefined && authorityHosts.has(name)) {
    return `/${site.tenant ?? 'common'}/v2.0/.well-known/openid-configuration`
  }
  return undefined
}

const federationMetadata = '/FederationMetadata/2007-06/FederationMetadata.xml'

/** Rows whose service publishes something of its own; AD FS gives its metadata to everybody, from 2012 R2 on. */
const pathOfRow: Readonly<Record<string, string>> = {
  'adfs-probe': '/adfs/probe',
  'adfs-metadata': federationMetadata,
  'adfs-clients': federationMetadata,
  't3-https': federationMetadata,
  't4-https': federationMetadata,
  't5-https': federationMetadata,
}

/** Where each cloud's sign-in lives: the host that answers OpenID Connect discovery for its tenants. */
export const authorityOf: Readonly<Record<Cloud, string>> = {
  worldwide: 'login.microsoftonline.com',
  'usgov-gcchigh': 'login.microsoftonline.us',
  'usgov-dod': 'login.microsoftonline.us',
  china: 'login.partner.microsoftonline.cn',
}

/** `login.windows.net` is the older name of the worldwide authority and answers alike. */
const authorityHosts: ReadonlySet<string> = new Set([...Object.values(authorityOf), 'login.windows.net'])
