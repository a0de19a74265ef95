import type { Look } from './look.ts'
import { ok, unknown } from './look.ts'

const registry = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters'
const registryValue = 'TcpMaxConnectRetransmissions'
/** Windows, when nobody has set another: netsh interface tcp show global says 4 since Windows 10 1709, 2 before. */
const windowsUsual = 4

/** Seconds until a connection attempt is given up: the first wait of one second is doubled after each repetition (RFC 6298 §2, §5.5). */
export function connectSeconds(repetitions: number): number {
  return 2 ** (repetitions + 1) - 1
}

/** How long services on this machine wait for an address that is silent. */
export const connectTimes: Look = {
  id: 'connect-times',
  group: 'sockets',
  title: 'connection time-outs',
  async look({ platform, readText, run }, _asked, limits) {
    if (platform === 'linux') {
      const repetitions = wholeNumber(await readText('/proc/sys/net/ipv4/tcp_syn_retries'))
      if (repetitions === undefined) return unknown('tcp_syn_retries cannot be read')
      return told(`tcp_syn_retries is ${repetitions}`, repetitions)
    }
    if (platform === 'win32') {
      const ran = await run('reg', ['query', registry, '/v', registryValue], limits)
      // A refusal is not believed at once (Microsoft, article 175523).
      const refusals =
        '; a port that refuses is asked again for about 2 s before it is called refused: with a --timeout below 2500 it looks silent'
      const hex = ran.kind === 'ran' ? /REG_DWORD\s+0x([0-9a-f]{1,8})/i.exec(ran.stdout)?.[1] : undefined
      if (hex !== undefined) {
        const repetitions = Number.parseInt(hex, 16)
        return told(`${registryValue} is ${repetitions}`, repetitions, refusals)
      }
      return unknown(
        `${registryValue} is not set: Windows repeats ${windowsUsual} times, which takes about ${connectSeconds(windowsUsual)} s, unless netsh interface tcp says otherwise${refusals}`,
      )
    }
    return unknown(`what ${platform} waits for a silent address is not read`)
  },
}

function told(setting: string, repetitions: number, more = '') {
  const seconds = connectSeconds(repetitions)
  return ok(
    `${setting}: a service waits about ${seconds} s for an address that is silent; Postern waits as --timeout says${more}`,
    {
      figures: { repetitions, seconds },
    },
  )
}

function wholeNumber(text: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,3})\s*$/.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}
