import { historyContract } from '../../../test/historyContract.ts'
import { historyFolder, historyOptions, openedHistory } from '../../../test/historyFolder.ts'
import { dayMs, morning } from '../../../test/historySamples.ts'

historyContract('the history in SQLite', (t) => {
  const folder = historyFolder(t)
  const clock = { now: morning + 30 * dayMs }
  return { open: () => openedHistory(t, historyOptions(folder, { now: () => clock.now })), clock }
})
