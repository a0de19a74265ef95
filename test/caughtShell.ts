import type { Output, Shell } from '../src/cli/shell.ts'

/** How a command ended, and what it wrote. */
export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A shell of which all is caught that is written to it: no terminal, and without an environment, unless it is told. */
export function caughtShell(
  cwd: string,
  { isTerminal = false, columns = 80, ...over }: Partial<Shell & Pick<Output, 'isTerminal' | 'columns'>> = {},
): { readonly shell: Shell; readonly written: { stdout: string; stderr: string } } {
  const written = { stdout: '', stderr: '' }
  const output = (stream: keyof typeof written): Output => ({
    write(text) {
      written[stream] += text
    },
    isTerminal,
    columns,
  })
  const { signal } = new AbortController()
  return { shell: { stdout: output('stdout'), stderr: output('stderr'), env: {}, cwd, signal, ...over }, written }
}
