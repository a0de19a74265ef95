import type { Figure, LookGroup, LookReport, LookState, LookTable } from '../model/doctorReport.ts'
import type { Limits } from '../net/net.ts'
import type { Asked, Means } from './means.ts'

/** What one look found. */
export interface Found {
  readonly state: LookState
  readonly says: string
  readonly next?: string
  readonly figures?: Readonly<Record<string, Figure>>
  readonly table?: LookTable
}

/** One thing that can be looked at. */
export interface Look extends Pick<LookReport, 'id' | 'title'> {
  readonly group: LookGroup
  /** The limits are those of the whole look: what it starts ends with them. */
  look(means: Means, asked: Asked, limits: Limits): Promise<Found>
}

type Rest = Omit<Found, 'state' | 'says'>

export const ok = (says: string, rest: Rest = {}): Found => ({ state: 'ok', says, ...rest })
export const limits = (says: string, next: string, rest: Omit<Rest, 'next'> = {}): Found => ({
  state: 'limits',
  says,
  next,
  ...rest,
})
export const unknown = (says: string, rest: Rest = {}): Found => ({ state: 'unknown', says, ...rest })
