import type { Incident } from '../../model/incident.ts'
import type { Mark } from '../../model/sample.ts'
import type { WatchSettings } from '../../model/watch.ts'
import type { HistoryStore } from '../../store/history/historyStore.ts'
import type { Edited, IncidentsState } from '../incident/index.ts'
import type { Watched, WatcherCounts } from '../watcher.ts'
import type { EventRing } from './eventRing.ts'
import type { FlowBoard } from './flowBoard.ts'

/** What a person does to an incident: see `people.ts` of the incidents. */
export type IncidentEdit = (state: IncidentsState) => Edited

/** What the API knows, and what it can have done. */
export interface ApiSource {
  readonly site: string
  /** The host that watches. */
  readonly from: string
  /** Of Postern. */
  readonly version: string
  /** When the watcher was started; milliseconds since 1970. */
  readonly since: number
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number
  readonly store: HistoryStore
  /** What is watched now: another one after the site file has changed. */
  readonly watched: () => Pick<Watched, 'flows' | 'settings'>
  readonly counts: () => WatcherCounts
  /** Windows of maintenance that are open. */
  readonly windows: () => readonly Pick<WatchSettings['maintenance'][number], 'name'>[]
  /** What the history takes on the disk. */
  readonly historyOctets: () => number
  /**
   * Changes an incident that is not over, and keeps it.
   *
   * @returns it as it is then; undefined where there is none such
   * @throws StoreError where it cannot be kept: nothing is changed then
   */
  readonly edit: (change: IncidentEdit) => Promise<Incident | undefined>
  /**
   * Sets something that people did into the time line.
   *
   * @throws StoreError where it cannot be kept
   */
  readonly mark: (mark: Mark) => Promise<void>
  readonly board: FlowBoard
  readonly ring: EventRing
}
