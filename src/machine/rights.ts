import { isElevated } from './elevation.ts'
import type { Found, Look } from './look.ts'
import { limits, ok, unknown } from './look.ts'

/** Bits of a Linux capability set (capabilities(7)). */
const bits = { CAP_NET_BIND_SERVICE: 10n, CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n } as const
export type Capability = keyof typeof bits

/** The effective capabilities and the user of a `/proc/self/status`; undefined when the lines are not there. */
export function rightsOf(
  status: string | undefined,
): { readonly userId: number; readonly has: readonly Capability[] } | undefined {
  const set = /^CapEff:\s*([0-9a-f]{1,16})$/im.exec(status ?? '')?.[1]
  const user = /^Uid:\s*\d+\s+(\d{1,10})\b/im.exec(status ?? '')?.[1]
  if (set === undefined || user === undefined) return undefined
  const effective = BigInt(`0x${set}`)
  const names = Object.entries(bits) as readonly (readonly [Capability, bigint])[]
  return { userId: Number(user), has: names.filter(([, bit]) => (effective >> bit) & 1n).map(([name]) => name) }
}

/** What this process may do besides connecting. */
export const rights: Look = {
  id: 'rights',
  group: 'rights',
  title: 'rights',
  async look({ platform, readText, run }, _asked, bounds) {
    if (platform === 'win32') return windowsRights(await isElevated({ run }, bounds))
    if (platform !== 'linux') {
      return unknown(
        `what this user may do besides connecting is not told on ${platform}; plain connections need no right`,
      )
    }
    const found = rightsOf(await readText('/proc/self/status'))
    if (found === undefined) return unknown('/proc/self/status does not tell; plain connections need no right')
    const { userId, has } = found
    const figures = { userId, capabilities: has }
    const who = userId === 0 ? 'root' : `user ${userId}`
    if (has.includes('CAP_NET_RAW')) return ok(`${who} may capture packets (${has.join(', ')})`, { figures })
    return limits(
      `${who} has ${has.length === 0 ? 'no network capability' : has.join(', ')}: every probe works, packets cannot be captured`,
      'for captures only: sudo setcap cap_net_raw=ep on the capture tool, not on Node',
      { figures },
    )
  },
}

const asAdministrator = 'start it from a console that was opened as administrator'

function windowsRights(elevated: boolean | undefined): Found {
  switch (elevated) {
    case true:
      return ok('administrator: packets may be captured', { figures: { elevated } })
    case false:
      return limits(
        'no rights of an administrator: every probe works, packets cannot be captured',
        `for captures only: ${asAdministrator}`,
        { figures: { elevated } },
      )
    case undefined:
      return unknown(
        'what this user may do besides connecting is not told on win32 (whoami /groups); plain connections need no right',
        { next: `${asAdministrator} to be sure` },
      )
    default:
      return elevated satisfies never
  }
}
