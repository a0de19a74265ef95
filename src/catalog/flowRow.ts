import type { Cloud } from '../model/cloud.ts'
import type { Feature } from '../model/feature.ts'
import type { Direction, Necessity, Phase, Source, Transport } from '../model/flow.ts'
import type { PortRange } from '../model/ports.ts'
import type { Role, SiteRole } from '../model/role.ts'
import type { Service } from '../model/service.ts'
import type { Fact } from '../model/site.ts'
import type { NameFeature, NamePart } from './nameRow.ts'

/** One real conversation of a row: what is spoken, over which transport, on which port. */
export interface Pair {
  readonly service: Service
  readonly transport: Transport
  /** Null when the row gives a range, leaves the port to the site, or has none (ICMP). */
  readonly port: number | null
  readonly range?: PortRange
  /** Whose port it is when the site chooses it; `any` stands for every port there is. */
  readonly sitePort?: 'proxy' | 'published-app' | 'scim' | 'any'
}

/** When a row is needed, typed and reviewed beside its prose in `requiredWhen`. */
export interface Condition {
  /** One feature or more of every group is on; empty: whatever is switched on, the roles alone decide. */
  readonly features: readonly (readonly Feature[])[]
  /** Roles that the site has, or lacks. An end that is not named here is planned although nobody plays it: a gap. */
  readonly roles: readonly { readonly role: SiteRole; readonly is: 'played' | 'absent' }[]
  /** Where the row exists. */
  readonly clouds: readonly Cloud[]
  /** All of these hold. */
  readonly facts: readonly { readonly fact: Fact; readonly is: boolean }[]
}

/**
 * A remark on a row. `disagreement`: Microsoft's own pages, or two revisions of one, say different things.
 * `inferred`: the row's page does not say it, so it was taken from elsewhere. `trap`: what people get wrong.
 */
export interface Note {
  readonly kind: 'disagreement' | 'trap' | 'inferred' | 'note'
  readonly text: string
}

/** One row of what Microsoft requires: who opens a connection to whom, on which ports, when and why. */
export interface FlowRow extends Source {
  /** Stable and unique; what users write in `--flow` and reports carry. */
  readonly id: string
  /** The table of the ports article (`1` to `7b`), or a word for the page. */
  readonly table: string
  /** Opens the connection. */
  readonly from: Role
  /** Accepts it. */
  readonly to: Role
  /** The protocol in the page's words. */
  readonly protocol: string
  readonly pairs: readonly Pair[]
  readonly direction: Direction
  /** As the page has it: `conditional` means that the condition decides. */
  readonly necessity: Necessity
  /** The condition in words. */
  readonly requiredWhen: string
  readonly condition: Condition
  /** Absent for rows that are never needed, and for old builds. */
  readonly phase?: Phase
  /** A `setup+runtime` row that is needed daily only with one of these. */
  readonly runtimeFeatures?: readonly Feature[]
  readonly purpose: string
  /** The list of names that the row speaks to, cut to the ports of its pairs. */
  readonly names?: NameFeature
  /** Only this part of the list; absent: all of it. */
  readonly namesPart?: NamePart
  /** Names that the row gives for the worldwide cloud. */
  readonly endpoints: readonly string[]
  /** The row that is tried first. */
  readonly fallbackFor?: string
  readonly notes: readonly Note[]
}
