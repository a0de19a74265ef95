import type { Ground } from '../audit/askedOf.ts'
import { askedOf } from '../audit/askedOf.ts'
import type { AskScript } from '../audit/askScripts.ts'
import { askScripts } from '../audit/askScripts.ts'
import type { GivenDevice, ReadDevice } from '../audit/readDevices.ts'
import type { ScriptQuestion } from '../audit/scriptQuestion.ts'
import type { ConfigurationFile } from '../firewall/source.ts'
import type { Flow } from '../model/flow.ts'
import type { PacThread } from '../net/pac.ts'
import type { AuditSaying } from './runAudit.ts'
import type { Shell } from './shell.ts'

/** How long one request may take to be answered, in milliseconds: scripts answer in less than one. */
const longestAnswerMs = 3000

/**
 * Asks the proxy scripts among the devices which way the flows go, before any is judged. One that never gave a way counts
 * as a statement that was not understood.
 *
 * @param askQuestions asks the questions of the command line of a ground, for what they ask the scripts
 */
export async function auditScripts(
  given: readonly GivenDevice[],
  planned: readonly Flow[],
  ground: Ground,
  askQuestions: (ground: Ground) => void,
  { signal }: Pick<Shell, 'signal'>,
  { stage }: Pick<AuditSaying, 'stage'>,
): Promise<Ground> {
  const scripts = new Map(
    given.flatMap(({ name, row, files }): (readonly [string, ConfigurationFile])[] => {
      const [read] = row.vendor === 'pac' ? (ground.devices.get(name)?.ruleSets ?? []) : []
      const file = files.find((one) => one.name === read?.name)
      return file === undefined ? [] : [[name, file]]
    }),
  )
  if (scripts.size === 0) return ground
  const wanted: ScriptQuestion[] = []
  const listening: Ground = {
    ...ground,
    scripts(question) {
      wanted.push(question)
      return undefined
    },
  }
  for (const flow of planned) askedOf(flow, listening)
  askQuestions(listening)
  stage(`asking ${[...scripts.keys()].join(', ')} which way requests go`)
  const threads = await scriptThreads()
  const said = await askScripts(wanted, scripts, ground.knowledge, threads.ask, signal).finally(threads.close)
  const devices = new Map(
    [...ground.devices].map(([name, device]) => {
      const reason = said.failures.get(name)
      return [name, reason === undefined ? device : notRun(device, reason)] as const
    }),
  )
  return { ...ground, devices, scripts: said.wordOf }
}

/** Threads for as many questions as are under way at once, kept for those that follow. */
async function scriptThreads(): Promise<{ readonly ask: AskScript; readonly close: () => Promise<void> }> {
  const { openPacThread } = await import('../net/pac.ts')
  const all: PacThread[] = []
  const idle: PacThread[] = []
  return {
    async ask(script, url, means, signal) {
      const thread = idle.pop() ?? openPacThread()
      if (!all.includes(thread)) all.push(thread)
      try {
        return await thread.ask(script, url, means, { signal, timeoutMs: longestAnswerMs })
      } finally {
        idle.push(thread)
      }
    },
    async close() {
      await Promise.all(all.map((thread) => thread.close()))
    },
  }
}

function notRun(device: ReadDevice, reason: string): ReadDevice {
  const { coverage, ruleSets } = device
  const [rule] = ruleSets.flatMap(({ chains }) => Object.values(chains).flat())
  if (rule === undefined) return device
  const unread = { span: rule.span, why: `the script gives no way: ${reason}` }
  return {
    ...device,
    coverage: { ...coverage, understood: coverage.understood - 1, unread: [unread, ...coverage.unread] },
  }
}
