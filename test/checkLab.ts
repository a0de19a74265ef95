import type { CheckEvent } from '../src/check/checkOptions.ts'
import type { Machine } from '../src/check/vantageOf.ts'
import { runCheck } from '../src/cli/runCheck.ts'
import type { Shell } from '../src/cli/shell.ts'
import type { Lab } from '../src/lab/index.ts'
import type { CheckReport } from '../src/model/report.ts'

export interface LabCheckOptions {
  readonly signal: AbortSignal
  /** Longest single wait in milliseconds; default 1000. */
  readonly timeoutMs?: number
  /** Ask TLS servers that work what else they take. */
  readonly posture?: boolean
  readonly onEvent?: (event: CheckEvent) => void
  /** Default: a machine with IPv4 alone, wherever the test runs. */
  readonly machine?: Machine
  /** The host of the site that looks; default: the lab's own vantage. */
  readonly from?: string
}

const ipv4Alone: Machine = { addresses: ['127.0.0.1', '192.0.2.10'], names: [] }

/**
 * A whole check of the small network from its own machine, wired as `postern check` and `postern up` wire it, with the
 * trust stores that its present fault asks for.
 */
export function checkLab(lab: Lab, options: LabCheckOptions): Promise<CheckReport> {
  const {
    signal,
    timeoutMs = 1000,
    onEvent = () => {},
    machine = ipv4Alone,
    from = 'gate01',
    posture = false,
  } = options
  return runCheck(
    [],
    {
      site: lab.siteFile,
      from,
      timeout: timeoutMs,
      budget: 120,
      concurrency: 256,
      posture,
      machineRoots: lab.machineRoots,
      machine,
    },
    silentShell(signal),
    onEvent,
  )
}

/** A process that nobody watches, standing in this checkout. */
export function silentShell(signal: AbortSignal): Shell {
  const output = { write: () => {}, isTerminal: false, columns: 80 }
  return { stdout: output, stderr: output, env: {}, cwd: process.cwd(), signal }
}
