/** A watcher's way out in a process of its own, which a test may kill at any moment: FOLDER URL COUNT SINCE. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createOutletNet } from '../src/net/outletNet.ts'
import { deliver } from '../src/outlets/delivery.ts'
import { openOutlet } from '../src/outlets/openOutlets.ts'
import { openHistory } from '../src/store/history/index.ts'
import { historyOptions } from './historyFolder.ts'
import { anAlert } from './outletRig.ts'

const [folder = '', url = '', count = '0', since = '0'] = process.argv.slice(2)
/** Here a minute is over in 60 ms, counted from `since`, so that an outage is short. */
const speed = 1000
const now = (): number => Number(since) + (Date.now() - Number(since)) * speed
const ending = new AbortController()
const { signal } = ending
const store = openHistory({ ...historyOptions(folder), now })
if ('what' in store) throw new Error(store.what)
const net = createOutletNet({ names: {}, trust: [], userAgent: 'postern/1.2.3', ownName: 'watcher', signal })
const outlet = await openOutlet(
  { name: 'ops', kind: 'webhook', takes: ['alerts'], settings: { url, 'timeout-seconds': 1 } },
  {
    ...{ net, secret: async () => ({ why: 'none' }), append: async () => ({ why: 'none' }) },
    ...{ now, version: '1.2.3' },
  },
)
if ('why' in outlet) throw new Error(outlet.why)
const loop = deliver({
  ...{ outlets: [outlet.ok], spool: store, now, random: () => 0, onNews: () => {}, signal },
  wait: async (ms, given) => void (await sleep(ms / speed, undefined, { signal: given }).catch(() => {})),
})
// What was put there is said once it is on the disk: from then on it may not be lost.
for (let number = 1; number <= Number(count); number += 1) {
  const id = `${process.pid}-${number}`
  await store.keepIncidents([], [{ outlet: 'ops', alert: anAlert({ id, at: now() }) }])
  if (!process.stdout.write(`${id}\n`)) await once(process.stdout, 'drain')
  loop.wake()
}
await loop.ended
