import { readDate, shake } from '../control.ts'
import { fault } from '../fault.ts'
import { appName } from '../site.ts'
import { tellTime } from '../tellTime.ts'

const dayMs = 86_400_000
/** So long that certificates in use by all others have run out by this machine's clock: see the kind `expired`. */
const aheadDays = 40

export const clockFaults = [
  fault({
    id: 'clock-ahead',
    title: 'clock of this machine ahead',
    breaks: `The clock of this machine is ${aheadDays} days ahead: every other one, outside and inside, agrees on the right time.`,
    expect: {
      flow: 'lab-app',
      verdict: 'blocked',
      cause: 'clock-wrong',
      confidence: 'certain',
      owner: 'host',
    },
    consequences: [{ verdict: 'blocked', cause: 'clock-wrong' }],
    inject(network) {
      // Seen from this machine it is the same whether its own clock is moved, or all others are.
      const undo = [
        network.setClocks(-aheadDays * dayMs),
        ...[network.cloud, network.app, network.live].map((front) =>
          front.conduct('*', { does: 'serve', certificate: 'expired' }),
        ),
      ]
      return () => {
        for (const one of undo) one()
      }
    },
    shows: `expired, stratum 2, ${-aheadDays * 24 * 60} min, ${-aheadDays} days`,
    control: async (network) =>
      `${await shake(network, network.app.door, appName)}, ${await tellTime(network)}, ${await readDate(network, network.web)}`,
  }),
] as const
