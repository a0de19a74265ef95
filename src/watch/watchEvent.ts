import type { FlowReport } from '../model/report.ts'
import type { Gap } from '../model/sample.ts'
import type { MaintenanceWindow } from '../model/watch.ts'
import type { ConfirmedNews } from './news.ts'
import type { RecorderNews } from './record/index.ts'

/** What happens while a site is watched, for whoever looks on. */
export type WatchEvent =
  /** A look failed, and is repeated before that counts. */
  | { readonly kind: 'failing'; readonly key: string; readonly at: number; readonly report: FlowReport }
  | { readonly kind: 'news'; readonly news: ConfirmedNews }
  | { readonly kind: 'gap'; readonly gap: Gap }
  | { readonly kind: 'window-opened' | 'window-closed'; readonly window: Pick<MaintenanceWindow, 'name'> }
  /** Of the last minute: slots that came while the look before was not over. */
  | { readonly kind: 'skipped'; readonly slots: number; readonly to: readonly string[] }
  | { readonly kind: 'history'; readonly news: RecorderNews }
  /** News could not be handed on, and are handed on again until they can. */
  | { readonly kind: 'cannot-tell'; readonly why: string }
  /** A look ended in an error of the program; what it was to look at has its next turn. */
  | { readonly kind: 'look-failed'; readonly why: string }
  | { readonly kind: 'tidied'; readonly removed: number }
  | { readonly kind: 'cannot-tidy'; readonly why: string }
