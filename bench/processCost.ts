import { readFileSync } from 'node:fs'

/** What a running process has cost since it began; Linux only, where a hundred ticks are a second. */
export interface ProcessCost {
  readonly cpuMs: number
  readonly peakMib: number
}

const msPerTick = 10

export function processCost(pid: number): ProcessCost {
  // Fields 14 and 15 of proc_pid_stat(5), counted behind the command, which may hold blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  const [, peakKib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return { cpuMs: msPerTick * (Number(fields[11]) + Number(fields[12])), peakMib: Number(peakKib) / 1024 }
}
