/** What the watcher knows of the past, on the disk of its machine. */
export type { HistoryStore, KeptFailure } from './historyStore.ts'
export type { HistoryOptions } from './openHistory.ts'
export { openHistory } from './openHistory.ts'
export { StoreError } from './storeError.ts'
