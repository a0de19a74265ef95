import { isElevated } from './elevation.ts'
import type { Found, Look } from './look.ts'
import { limits, ok, unknown } from './look.ts'
import type { Means } from './means.ts'
import { rightsOf } from './rights.ts'

/** Tools that write packets to a file, those of Windows last. */
const tools = ['tcpdump', 'dumpcap', 'tshark', 'windump', 'pktmon'] as const

/** The capture tools on the PATH, and where they stand, in the order in which they are preferred. */
export async function findCaptureTools(
  means: Pick<Means, 'findProgram'>,
): Promise<readonly { readonly tool: (typeof tools)[number]; readonly place: string }[]> {
  const places = await Promise.all(tools.map((tool) => means.findProgram(tool)))
  return tools.flatMap((tool, at) => {
    const place = places[at]
    return place === undefined ? [] : [{ tool, place }]
  })
}

/** Which capture tools there are, and whether this user may capture with one. */
export const captureTools: Look = {
  id: 'capture-tools',
  group: 'rights',
  title: 'capture tools',
  async look(means, _asked, bounds) {
    const found = await findCaptureTools(means)
    const figures = { found: found.map(({ place }) => place) }
    const told = found.map(({ place }) => place).join(', ')
    if (found.length === 0) {
      const offered =
        means.platform === 'win32'
          ? 'pktmon comes with Windows 10 2004, Windows Server 2022 and later'
          : 'install tcpdump'
      return limits(
        'no tcpdump, dumpcap, tshark, windump or pktmon is on the PATH',
        `${offered}; a capture taken on another machine serves as well`,
        { figures },
      )
    }
    if (means.platform === 'win32') {
      const hasOwn = found.some(({ tool }) => tool === 'pktmon')
      return windowsTools(told, hasOwn, await isElevated(means, bounds), figures)
    }
    const status = means.platform === 'linux' ? await means.readText('/proc/self/status') : undefined
    if (rightsOf(status)?.has.includes('CAP_NET_RAW')) {
      return ok(`${told}; this user may capture`, { figures: { ...figures, mayCapture: true } })
    }
    const dumpcap = found.find(({ tool }) => tool === 'dumpcap')
    if (dumpcap !== undefined) {
      // It lists only what it could capture from, with the rights of its file counted in.
      const ran = await means.run(dumpcap.place, ['-D'], bounds)
      const may = ran.kind === 'ran' && ran.exitCode === 0 && ran.stdout.trim() !== ''
      if (may) return ok(`${told}; dumpcap may capture for this user`, { figures: { ...figures, mayCapture: true } })
    }
    if (means.platform !== 'linux') return unknown(`${told}; whether this user may capture is not told`, { figures })
    return limits(`${told}; this user may not capture with them`, 'start the capture with sudo, or join its group', {
      figures: { ...figures, mayCapture: false },
    })
  },
}

function windowsTools(
  told: string,
  hasOwn: boolean,
  mayCapture: boolean | undefined,
  figures: { readonly found: readonly string[] },
): Found {
  // Whether others may capture is a matter of how Npcap was installed.
  if (!hasOwn || mayCapture === undefined) {
    return unknown(`${told}; whether this user may capture is not told`, { figures })
  }
  return mayCapture
    ? ok(`${told}; this user may capture with pktmon`, { figures: { ...figures, mayCapture } })
    : limits(
        `${told}; pktmon captures for an administrator alone`,
        'start the capture from a console that was opened as administrator',
        {
          figures: { ...figures, mayCapture },
        },
      )
}
