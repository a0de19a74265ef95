import type { TestContext } from 'node:test'
import { after, before } from 'node:test'
import type { Program } from '../needs.ts'
import { installed, needs, needsRoot } from '../needs.ts'
import { forbidden, isForbidden } from './forbidden.ts'
import type { Rig } from './rig.ts'

/** A kind of network: what it takes, by whoever looks for a program, and how one is opened. */
export interface NetworkKind<Tools> {
  toolsBy(find: (program: Program) => string | undefined): Tools | undefined
  open(tools: Tools): Promise<Rig>
}

/** Networks that the tests of a file share. */
export interface Networks<Tools> {
  /** The programs, where there can be a network; otherwise the test has been marked as left out. */
  toolsFor(t: TestContext): Tools | undefined
  /** Does something in one of them, which nobody else uses meanwhile, unless what that takes is missing here. */
  within(t: TestContext, act: (rig: Rig) => Promise<void>): Promise<void>
}

/** Opens so many networks before the tests of the file that calls it, and closes them afterwards: rows mostly wait. */
export function openNetworks<Tools>(count: number, { toolsBy, open }: NetworkKind<Tools>): Networks<Tools> {
  const free: Rig[] = []
  /** There is none though the programs are there: a container may keep the right from root. */
  let mayNot = false
  before(async () => {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return
    const tools = toolsBy(installed)
    if (tools === undefined) return
    try {
      const opened = await Promise.allSettled(Array.from({ length: count }, () => open(tools)))
      free.push(...opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])))
      const failed = opened.find(({ status }) => status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
    } catch (error) {
      if (process.env['CI'] === 'true' || !isForbidden(error)) throw error
      mayNot = true
    }
  })
  after(async () => {
    for (const rig of free) await rig.close()
  })

  const toolsFor = (t: TestContext): Tools | undefined => {
    const tools = toolsBy((program) => needs(t, program))
    if (tools === undefined || !needsRoot(t)) return undefined
    if (!mayNot) return tools
    t.skip(forbidden)
    return undefined
  }
  return {
    toolsFor,
    async within(t, act) {
      const tools = toolsFor(t)
      if (tools === undefined) return
      const rig = free.pop() ?? (await open(tools))
      try {
        await act(rig)
        free.push(rig)
      } catch (error) {
        // What a failed row has left behind goes with its network; the next one gets another.
        await rig.close()
        throw error
      }
    },
  }
}
