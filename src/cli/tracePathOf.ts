import process from 'node:process'
import type { TracePath } from '../check/traces.ts'
import { findPathTool } from '../machine/index.ts'
import { systemClock } from '../net/clock.ts'
import type { PathTool, Traced } from '../net/tracePath.ts'
import { tracePath } from '../net/tracePath.ts'
import { findProgram } from './machineMeans.ts'
import type { Shell } from './shell.ts'

/**
 * The paths of a check, traced with the tool of this machine. Whether it may be used is not guessed from rights: it is
 * tried, since it may have a right of its own, and what it says is the reason why there is no trace.
 */
export function tracePathOf(shell: Pick<Shell, 'env'>): TracePath {
  const { platform } = process
  let finding: Promise<PathTool | undefined> | undefined
  const ofAddress = new Map<string, Promise<Traced>>()
  return async (question, limits) => {
    finding ??= findPathTool({ platform, findProgram: (name) => findProgram(name, shell.env) })
    const tool = await finding
    if (tool === undefined) return noTool(platform)
    if (tool.name === 'tracert') {
      // It asks no port: what it says of one is said of all.
      const known = ofAddress.get(question.address) ?? tracePath(tool, question, limits, systemClock)
      ofAddress.set(question.address, known)
      return known
    }
    const traced = await tracePath(tool, question, limits, systemClock)
    return traced.kind === 'no-rights' ? { ...traced, remedy } : traced
  }
}

const remedy = 'run the check with sudo, or give traceroute cap_net_raw (postern doctor tells more)'

function noTool(platform: string): Traced {
  switch (platform) {
    case 'linux':
      return { kind: 'no-tool', why: 'no traceroute is on the PATH', remedy: 'install traceroute' }
    case 'win32':
      return { kind: 'no-tool', why: 'no tracert is on the PATH' }
    default:
      return { kind: 'no-tool', why: `no path tool of ${platform} is known` }
  }
}
