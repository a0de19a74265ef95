import type { PathTool } from '../net/tracePath.ts'
import type { Look } from './look.ts'
import { limits, ok, unknown } from './look.ts'
import type { Means } from './means.ts'
import { rightsOf } from './rights.ts'

/** The path tool of this platform on the PATH: traceroute on Linux, tracert on Windows; others have other words. */
export async function findPathTool(means: Pick<Means, 'findProgram' | 'platform'>): Promise<PathTool | undefined> {
  const name = means.platform === 'linux' ? 'traceroute' : means.platform === 'win32' ? 'tracert' : undefined
  const place = name === undefined ? undefined : await means.findProgram(name)
  return name === undefined || place === undefined ? undefined : { name, place }
}

/** Which path tool there is, and what this user may ask with it. */
export const pathTools: Look = {
  id: 'path-tools',
  group: 'rights',
  title: 'path tools',
  async look(means, _asked, bounds) {
    const { platform } = means
    if (platform !== 'linux' && platform !== 'win32') return unknown(`checks use no path tool of ${platform}`)
    const found = await findPathTool(means)
    if (found === undefined) {
      return platform === 'win32'
        ? limits('no tracert is on the PATH', 'it is in the System32 folder of Windows: mend the PATH')
        : limits('no traceroute is on the PATH', 'install traceroute: a check names the hop where packets end with it')
    }
    const { name, place } = found
    const figures = { found: place }
    if (name === 'tracert') return ok(`${place} may be used; it sends ICMP echo, which asks no port`, { figures })
    // Another program of the same name sends no SYNs.
    const ran = await means.run(place, ['--version'], bounds)
    if (ran.kind !== 'ran' || ran.exitCode !== 0) {
      return limits(`${place} is not the one that checks use`, 'install traceroute for Linux, version 2 or later', {
        figures,
      })
    }
    if (rightsOf(await means.readText('/proc/self/status'))?.has.includes('CAP_NET_RAW')) {
      return ok(`${place}; this user may trace with SYNs and datagrams`, { figures: { ...figures, mayTrace: true } })
    }
    return limits(
      `${place}; this user may trace with datagrams, and not with SYNs`,
      'run the check with sudo, or give traceroute cap_net_raw with setcap',
      { figures: { ...figures, mayTrace: false } },
    )
  },
}
