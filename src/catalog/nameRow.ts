import type { Cloud } from '../model/cloud.ts'
import type { Source } from '../model/flow.ts'

/** The lists of names that Microsoft publishes, each for one feature. */
export const nameFeatures = [
  'connect-sync',
  'pass-through-authentication',
  'application-proxy',
  'seamless-sso',
  'connect-health',
  'cloud-sync',
  'password-writeback',
  'password-protection',
  'hybrid-join',
  'sign-in',
  'graph',
  'ad-fs',
  'scim',
  'revocation',
] as const
export type NameFeature = (typeof nameFeatures)[number]

/**
 * A part of a list that a flow speaks to alone: the names that only a client or only the set-up needs, the authority
 * hosts that issue tokens, the federation service, and its name for certificate authentication.
 */
export type NamePart = 'client' | 'set-up' | 'authority' | 'federation' | 'certificate'

/** One name, or pattern of names, that Microsoft asks to allow. */
export interface NameRow extends Source {
  readonly feature: NameFeature
  /** The clouds whose tenants need it; none for a cloud that is closed. */
  readonly clouds: readonly Cloud[]
  /** `customer`: the name is the customer's own. `germany-retired`: known only to explain it. */
  readonly only?: 'customer' | 'germany-retired'
  readonly part?: NamePart
  /** As Microsoft writes it: see `parsePattern`. */
  readonly pattern: string
  readonly ports: readonly number[]
  readonly scheme: 'https' | 'http' | 'amqps'
  /** False: optional, or only for the purpose named. */
  readonly required: boolean
  readonly purpose: string
}
