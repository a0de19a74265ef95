import type { Look } from './look.ts'
import { limits, ok, unknown } from './look.ts'

/** Fewer free ports than a busy check and everything else on the machine may want at once. */
const leastFree = 2048

/** Whether there are local ports left to dial from. */
export const localPorts: Look = {
  id: 'local-ports',
  group: 'sockets',
  title: 'local ports',
  async look({ platform, readText, run }, _asked, bounds) {
    const range = platform === 'win32' ? await windowsRange(run, bounds) : localPortsIn(await readText(rangeFile))
    if (range === undefined) return unknown('the range of local ports cannot be read')
    const { first, count } = range
    const waiting = timeWaitOf(await readText('/proc/net/sockstat'))
    const span = `${count} ports from ${first} on`
    if (waiting === undefined)
      return ok(`${span}; how many of them rest in TIME_WAIT is not told`, { figures: { first, count } })
    const figures = { first, count, timeWait: waiting }
    const free = count - waiting
    const words = `${span}, ${waiting} connections rest in TIME_WAIT`
    // One port can rest for several targets at once: fewer than counted may be taken.
    if (free >= leastFree) return ok(words, { figures })
    return limits(
      `${words}: connections may fail for want of a port`,
      'widen net.ipv4.ip_local_port_range, or find what opens so many connections',
      { figures },
    )
  },
}

const rangeFile = '/proc/sys/net/ipv4/ip_local_port_range'

/** Ports that connections are made from. */
export interface LocalPorts {
  readonly first: number
  readonly count: number
}

/** Reads `net.ipv4.ip_local_port_range` of Linux. */
export function localPortsIn(text: string | undefined): LocalPorts | undefined {
  const [, first, last] = /^\s*(\d{1,5})\s+(\d{1,5})\s*$/.exec(text ?? '') ?? []
  return first === undefined || last === undefined
    ? undefined
    : { first: Number(first), count: Number(last) - Number(first) + 1 }
}

/** Reads `netsh interface ipv4 show dynamicport tcp`: its words are in the language of Windows; the two numbers stand in their order. */
export function dynamicPortsIn(text: string): LocalPorts | undefined {
  const [first, count] = [...text.matchAll(/:\s*(\d{1,5})\s*$/gm)].map(([, digits]) => Number(digits))
  return first === undefined || count === undefined ? undefined : { first, count }
}

async function windowsRange(run: Parameters<Look['look']>[0]['run'], bounds: Parameters<Look['look']>[2]) {
  const ran = await run('netsh', ['interface', 'ipv4', 'show', 'dynamicport', 'tcp'], bounds)
  return ran.kind === 'ran' ? dynamicPortsIn(ran.stdout) : undefined
}

export function timeWaitOf(sockstat: string | undefined): number | undefined {
  const digits = /^TCP:.*\btw (\d{1,9})\b/m.exec(sockstat ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}
