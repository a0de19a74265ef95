import type { Input } from '../config/readBounded.ts'

/** What a verb may know of the process it runs in; given as a value, so that a test can be the terminal. */
export interface Shell {
  readonly stdout: Output
  readonly stderr: Output
  /** What is read where a file is called `-`. */
  readonly stdin?: Input
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** What calls the program, when it is not `postern`: hints are written so that they can be copied. */
  readonly program?: string
  /** Keeps the process small from now on, see boundMemory.ts; absent where it is not ours alone. */
  readonly boundMemory?: () => (isOver?: boolean) => void
  /** A verb that has more to end than a report says for how many milliseconds after the first signal; absent: nobody waits. */
  readonly stopMayTake?: (ms: number) => void
  /** Aborts at the first Ctrl-C; a verb then reports what it knows and ends with {@link exitCodes.interrupted}. */
  readonly signal: AbortSignal
}

export interface Output {
  write(text: string): void
  /** Resolves once what was written has been taken, or nobody takes anything any more; absent: it is taken at once. */
  taken?(): Promise<void>
  readonly isTerminal: boolean
  /** Columns of the terminal; 80 when it is none. */
  readonly columns: number
}

/** What the shell that called us is told; others rely on these numbers. */
export const exitCodes = {
  well: 0,
  findings: 1,
  usage: 2,
  bug: 3,
  interrupted: 130,
} as const

/** Bad usage or configuration: the program says each line on stderr and ends with 2. Nothing was written. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly lines: readonly string[]

  constructor(...lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

/**
 * Whether to colour an output: only on a terminal, and not when the user says no (`--no-color`, NO_COLOR, TERM=dumb).
 */
export function wantsColor(shell: Shell, output: Output, flag: boolean): boolean {
  return flag && output.isTerminal && !shell.env['NO_COLOR'] && shell.env['TERM'] !== 'dumb'
}
