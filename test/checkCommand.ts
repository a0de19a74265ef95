/** `postern check` as a process, from a site file that a test writes. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CheckReport, FlowReport } from '../src/model/report.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

export interface CommandRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Every command line of the machine while it ran, where the platform shows them. */
  readonly commandLines: string
  /** The most memory that the process had, in MiB; 0 where the platform does not show it. */
  readonly peakMiB: number
}

/** Runs the command on a site, with nothing of this process's environment but what is given. */
export async function runCheckCommand(
  folder: string,
  site: string,
  {
    env = {},
    args = ['--json'],
    timeoutMs = 1500,
  }: { env?: NodeJS.ProcessEnv; args?: readonly string[]; timeoutMs?: number } = {},
): Promise<CommandRun> {
  const file = join(folder, 'postern.yaml')
  await writeFile(file, site)
  const child = spawn(
    process.execPath,
    [main, 'check', '--site', file, '--from', 'here', '--quiet', '--timeout', String(timeoutMs), ...args],
    { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let [stdout, stderr, commandLines] = ['', '', '']
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part
  })
  let peakMiB = 0
  const watch = setInterval(() => {
    commandLines += commandLinesNow()
    peakMiB = Math.max(peakMiB, memoryOf(child.pid))
  }, 20)
  const [code] = await once(child, 'close')
  clearInterval(watch)
  return { code: Number(code), stdout, stderr, commandLines, peakMiB }
}

function commandLinesNow(): string {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        } catch {
          return ''
        }
      })
      .join('\n')
  } catch {
    return ''
  }
}

function memoryOf(pid: number | undefined): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kib ?? 0) / 1024
  } catch {
    return 0
  }
}

export function reportOf({ code, stdout, stderr }: CommandRun): CheckReport {
  assert.ok(code === 0 || code === 1, `exit ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

export function flowNamed(report: CheckReport, id: string): FlowReport {
  const flow = report.flows.find((each) => each.flow === id)
  assert.ok(flow, `no flow ${id}`)
  return flow
}
