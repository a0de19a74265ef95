import { knock, send } from './directoryDoors.ts'
import type { DirectoryFlowId } from './directorySite.ts'
import { dc } from './places.ts'
import type { Row } from './row.ts'

/** The library by which a program is told another time, as `faketime` names it: the loader knows where $LIB is. */
const otherTime = '/usr/$LIB/faketime/libfaketime.so.1'

/** The clock of the client, and of nobody else, is so far off. */
const clockOff = (seconds: number): Readonly<Record<string, string>> => ({
  LD_PRELOAD: otherTime,
  FAKETIME: `${seconds > 0 ? '+' : ''}${seconds}s`,
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
})

/** A signal to the programs of the controller's machine that are called so, and to nobody else's. */
const signal = (name: string, program: string): [string, ...string[]] => [
  ...(['sh', '-c'] as const),
  `for pid in $(ip netns pids "$(ip netns identify)"); do read -r called </proc/$pid/comm; [ "$called" != ${program} ] || kill -s ${name} "$pid"; done`,
]

const time: readonly Row<DirectoryFlowId>[] = [
  {
    id: 'time-service-hung',
    breaks: 'The time service of the controller hangs, and everything else of it runs.',
    does: [{ on: 'dc', set: signal('STOP', 'chronyd'), clear: signal('CONT', 'chronyd') }],
    tasks: [`time:${dc.address}`, send(88), knock(389)],
    shows: 'silence, answer, connected',
    asks: ['time', 't1-kerberos', 't1-ldap', 't1-smb', 'kpasswd'],
    expect: {
      flows: ['time'],
      verdict: 'blocked',
      cause: 'udp-only-filtered',
      confidence: 'likely',
      owner: 'firewall',
    },
    timeoutMs: 1000,
  },
]

const clocks: readonly Row<DirectoryFlowId>[] = ([600, -600] as const).map((seconds) => ({
  id: seconds > 0 ? 'clock-ahead' : 'clock-behind',
  breaks: `The clock of the client is ten minutes ${seconds > 0 ? 'ahead' : 'behind'}: Kerberos takes five.`,
  environment: clockOff(seconds),
  tasks: [knock(88), `time:${dc.address}`],
  shows: 'connected, answer',
  asks: ['t1-kerberos', 't1-ldap', 't1-smb'],
  expect: {
    flows: ['t1-kerberos'],
    verdict: 'degraded',
    cause: 'clock-skew',
    confidence: 'certain',
    owner: 'host',
  },
}))

const clockByDirectory: Row<DirectoryFlowId> = {
  id: 'clock-told-by-directory',
  breaks:
    'The clock of the client is ten minutes ahead, and nobody asks Kerberos or the time service: the directory tells it.',
  environment: clockOff(600),
  tasks: [knock(3268), `time:${dc.address}`],
  shows: 'connected, answer',
  asks: ['t1-gc', 't1-smb'],
  expect: {
    flows: ['t1-gc'],
    verdict: 'degraded',
    cause: 'clock-skew',
    confidence: 'certain',
    owner: 'host',
  },
}

/** What is wrong with a clock, or with who tells the time. */
export const clocksAtFault: readonly Row<DirectoryFlowId>[] = [...time, ...clocks, clockByDirectory]

/** A clock that is off by less than it takes to break anything. */
export const oddClock: Row<DirectoryFlowId> = {
  id: 'directory-clock-a-little-off',
  breaks: 'The clock of the client is half a minute ahead, which Kerberos takes.',
  environment: clockOff(30),
  tasks: [knock(88)],
  shows: 'connected',
  asks: ['t1-kerberos', 't1-ldap', 't1-smb'],
}
