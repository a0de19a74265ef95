import { silenceMs } from '../control.ts'
import { fault } from '../fault.ts'
import { tellTime } from '../tellTime.ts'

const clock = { flow: 'lab-time' } as const
const hourMs = 3_600_000

export const timeServiceFaults = [
  fault({
    id: 'time-silent',
    title: 'time server that nobody hears',
    breaks: 'The firewall drops UDP 123 on the way to the time server.',
    expect: { ...clock, verdict: 'blocked', cause: 'udp-only-filtered', confidence: 'likely', owner: 'firewall' },
    consequences: [],
    inject: ({ time }) => time.conduct({ does: 'stay-silent' }),
    shows: 'silence',
    control: (network) => tellTime(network, silenceMs),
  }),
  fault({
    id: 'time-unsynchronised',
    title: 'time server that has lost its source',
    breaks: 'The time server has no way to its own source, and says that its time is not to be used.',
    expect: { ...clock, verdict: 'degraded', cause: 'clock-unsynchronised', confidence: 'certain', owner: 'host' },
    consequences: [],
    inject: ({ time }) => time.conduct({ does: 'tell', follows: 'nothing' }),
    shows: 'stratum 16, 0 min',
    control: (network) => tellTime(network),
  }),
  fault({
    id: 'time-skewed',
    title: 'time server that is an hour off',
    breaks: 'The clock of the time server is an hour ahead of every other one.',
    expect: { ...clock, verdict: 'degraded', cause: 'clock-skew', confidence: 'certain', owner: 'host' },
    consequences: [],
    inject: ({ time }) => time.conduct({ does: 'tell', awayMs: hourMs }),
    shows: 'stratum 2, 60 min',
    control: (network) => tellTime(network),
  }),
  fault({
    id: 'time-denied',
    title: 'time server that denies this machine',
    breaks: 'The access rules of the time server leave out the network of this machine.',
    expect: { ...clock, verdict: 'blocked', cause: 'time-refused', confidence: 'certain', owner: 'host' },
    consequences: [],
    inject: ({ time }) => time.conduct({ does: 'refuse', code: 'DENY' }),
    shows: 'DENY',
    control: (network) => tellTime(network),
  }),
] as const
